import { BUCKET_FUNCTIONS } from '../../workloads/bucket-scripts';
import { DUMP_FUNCTIONS, RESTORE_FUNCTIONS } from '../../workloads/dump-scripts';

/** The names of the scripts in the ConfigMap of the dumps, and of the rules. */
export const COPY_SCRIPT = 'copy.sh';
export const PUBLISH_SCRIPT = 'publish.sh';
export const RULES = 'anonymize.sql';

/** Where the volume of anonymized copies is mounted. */
export const COPIES_PATH = '/var/lib/cdk8s-django/copies';

/**
 * The script that makes an anonymized copy of the latest dump: `copy.sh NAME RULES [PARAMETER …]`.
 *
 * It restores the dump into a server of its own, changes it by the rules, and dumps that. It gets no password: its
 * server ends with the pod, and has one that nobody knows. The two latest copies stay, because a preview may be reading
 * the one before.
 */
export const copyScript = () => String.raw`name=$1 rules=$2
shift 2
umask 077
copies=${COPIES_PATH}
${DUMP_FUNCTIONS}
${RESTORE_FUNCTIONS}
dump=$(dumps_of "$name" | tail -n 1)
[ -n "$dump" ] || fail "there is no dump of '$name' in the volume"
check_dump "$dump" "$dumps/$dump.dump"
copy=$name-copy-$(printf %s "$dump" | tail -c 15)
find "$copies" -maxdepth 1 -name ".$name-copy-*.partial" -mmin +1440 -exec rm -f {} +

export PGDATA=/var/lib/cdk8s-django/drill/pgdata
POSTGRES_PASSWORD=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
export POSTGRES_PASSWORD
start_server --fsync=off --full_page_writes=off "$@"
restore_dump "$dump"
psql $started --dbname="$POSTGRES_DB" --no-psqlrc --no-align --tuples-only --quiet --set=ON_ERROR_STOP=1 \
  --set=VERBOSITY=terse --file="$rules" >/tmp/said || fail "the rules could not be applied: dump '$copy' was not written"
if grep '^error: ' /tmp/said >&2; then
  fail "dump '$copy' was not written. Give these columns rules: the name of the column keeps what it has"
fi

partial=$copies/.$copy.partial
trap 'rm -f "$partial"' EXIT
# Without large objects (-B): no rule can name one.
pg_dump $started --dbname="$POSTGRES_DB" --format=custom -B --file="$partial" ||
  fail "pg_dump ended with $?: dump '$copy' was not written"
check_dump "$copy" "$partial"
# Previews read it as another group, or as nobody.
chmod 644 "$partial"
mv "$partial" "$copies/$copy.dump" || fail "dump '$copy' could not be renamed"
sync "$copies" 2>/dev/null || sync
echo "dump '$copy': written from '$dump' by the rules, $(wc -c <"$copies/$copy.dump") bytes"
dumps=$copies
for old in $(dumps_of "$name-copy" | sed '$d' | sed '$d'); do
  rm -f "$copies/$old.dump" && echo "dump '$old': deleted"
done
# What takes the copy to a bucket has this folder, too.
rm -f /tmp/server.log /tmp/restore.err /tmp/said
exit 0
`;

/**
 * The script that takes the copy of this pod to the bucket: `publish.sh REMOTE NAME`.
 *
 * One of the same dump that is there already may be by other rules, so that it is overwritten. The two latest copies
 * stay, because a preview may be fetching the one before.
 */
export const publishScript = () => String.raw`remote=$1 name=$2
umask 077
${BUCKET_FUNCTIONS}
copy=$(dumps_of "$name" | tail -n 1)
[ -n "$copy" ] || fail "there is no copy to be taken to the bucket"
list_bucket "$name"
# Two stay. An older one would be deleted at once, and previews would go on with the others.
{ cat /tmp/in-bucket; echo "$copy"; } | LC_ALL=C sort -u | tail -n 2 | grep -qx "$copy" ||
  fail "dump '$copy' was not copied to the bucket, which has two later ones. Delete these there, or dump the database again"
cloud copyto --ignore-times "$dumps/$copy.dump" "$remote/$copy.dump" ||
  fail "dump '$copy' was not copied to the bucket: rclone ended with $?. The next run makes it again"
echo "dump '$copy': copied to the bucket, $(wc -c <"$dumps/$copy.dump") bytes"
list_bucket "$name"
for old in $(sed '$d' /tmp/in-bucket | sed '$d'); do
  cloud deletefile "$remote/$old.dump" || fail "dump '$old' could not be deleted from the bucket"
  echo "dump '$old': deleted from the bucket"
done
exit 0
`;
