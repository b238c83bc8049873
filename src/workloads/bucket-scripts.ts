import { DUMP_NAMES } from './dump-scripts';

/*
 * What rclone does with dumps, in the shell of its own image, which is that of BusyBox. The texts have no "${" and no
 * "$$", which Flux would take for its own.
 */

/** The names of the scripts in a ConfigMap. */
export const UPLOAD_SCRIPT = 'upload.sh';
export const FETCH_SCRIPT = 'fetch.sh';

/**
 * `cloud` runs rclone, and ends it with the pod: it then gives up an upload in parts, which would be stored and paid
 * for. It needs `fail`.
 */
export const CLOUD_FUNCTION = String.raw`if [ -n "$ENCRYPTION_PASSWORD" ]; then
  # The form in which rclone takes passwords.
  RCLONE_CONFIG_ENCRYPTED_PASSWORD=$(printf '%s\n' "$ENCRYPTION_PASSWORD" | rclone obscure -) ||
    fail "rclone does not take the password of the encryption"
  export RCLONE_CONFIG_ENCRYPTED_PASSWORD
fi
if [ -n "$AWS_REGION" ] && [ -z "$RCLONE_CONFIG_BUCKET_REGION" ]; then
  export RCLONE_CONFIG_BUCKET_REGION="$AWS_REGION"
fi

cloud() {
  rclone "$@" &
  running=$!
  trap 'kill "$running" 2>/dev/null; wait "$running"; exit 143' TERM
  wait "$running"
}
`;

/**
 * `list_bucket NAME` writes the names of the dumps that the bucket has to /tmp/in-bucket, the oldest first. A bucket
 * shows no file that is not whole.
 */
export const BUCKET_FUNCTIONS = String.raw`${DUMP_NAMES}
${CLOUD_FUNCTION}
list_bucket() {
  cloud lsf --files-only "$remote" >/tmp/listed 2>/tmp/listed.err
  code=$?
  # 3: there is no such folder yet.
  if [ "$code" != 0 ] && [ "$code" != 3 ]; then
    cat /tmp/listed.err >&2
    fail "the bucket could not be listed: rclone ended with $code"
  fi
  LC_ALL=C sort /tmp/listed | sed -n "s/^\($1-[0-9]\{8\}-[0-9]\{6\}\)\.dump\$/\1/p" >/tmp/in-bucket
}
`;

/**
 * The script that copies dumps to the bucket: `upload.sh REMOTE NAME HOURS`.
 *
 * The bucket gets what it does not have, the latest dump first. What is expired there goes after that, by the same rule
 * as in the volume, and not because the volume does not have it: a new volume has nothing.
 */
export const uploadScript = () => String.raw`remote=$1 name=$2 hours=$3
umask 077
${BUCKET_FUNCTIONS}
list_bucket "$name"
for one in $(dumps_of "$name" | sort -r); do
  grep -qx "$one" /tmp/in-bucket && continue
  cloud copyto "$dumps/$one.dump" "$remote/$one.dump" ||
    fail "dump '$one' was not copied to the bucket: rclone ended with $?. It is in the volume, and the next run tries again"
  echo "dump '$one': copied to the bucket, $(wc -c <"$dumps/$one.dump") bytes"
done

list_bucket "$name"
oldest=$(date -u -d "@$(($(date -u +%s) - hours * 3600))" +%Y%m%d%H%M%S)
for old in $(sed '$d' /tmp/in-bucket); do
  stamp=$(printf %s "$old" | tail -c 15 | tr -d -)
  if [ "$stamp" -lt "$oldest" ]; then
    cloud deletefile "$remote/$old.dump" || fail "dump '$old' is expired and could not be deleted from the bucket"
    echo "dump '$old': deleted from the bucket"
  fi
done
exit 0
`;

/**
 * The script that fetches a dump that the volume does not have: `fetch.sh REMOTE NAME DUMP [REMEDY]`.
 *
 * The volume is the first place: what it has is not fetched, and the latest dump is that of the volume, if it has one.
 * A server that has data needs nothing.
 */
export const fetchScript = () => String.raw`remote=$1 name=$2 dump=$3 remedy=$4
umask 077
${BUCKET_FUNCTIONS}
if [ -s "$PGDATA/PG_VERSION" ]; then
  echo "the volume of the server has data: nothing is fetched"
  exit 0
fi
# Where copies alone are, one that is left could not be restored, and the bucket may have a newer one.
if [ -n "$remedy" ]; then rm -f "$dumps"/*.dump "$dumps"/.*.partial; fi
if [ -e "$dumps/$dump.dump" ] || { [ "$dump" = "$name-latest" ] && [ -n "$(dumps_of "$name")" ]; }; then
  echo "the volume has dump '$dump': nothing is fetched"
  exit 0
fi
list_bucket "$name"
if [ "$dump" = "$name-latest" ]; then
  dump=$(tail -n 1 /tmp/in-bucket)
  [ -n "$dump" ] || fail "there is no dump '$name-latest' in the volume, and none in the bucket$remedy"
fi
grep -qx "$dump" /tmp/in-bucket ||
  fail "there is no dump '$dump' in the volume, and none in the bucket. The bucket has:" $(cat /tmp/in-bucket)
partial=$dumps/.$dump.partial
trap 'rm -f "$partial"' EXIT
cloud copyto "$remote/$dump.dump" "$partial" ||
  fail "dump '$dump' could not be fetched from the bucket: rclone ended with $?"
sync "$partial" 2>/dev/null || sync
mv "$partial" "$dumps/$dump.dump" || fail "dump '$dump' could not be renamed"
echo "dump '$dump': fetched from the bucket, $(wc -c <"$dumps/$dump.dump") bytes"
`;
