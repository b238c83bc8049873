import { LIST_FUNCTIONS } from './archive-bucket-scripts';
import { RESTORED_PATH } from './archive-scripts';

/** The name of the script in the ConfigMap of the server. */
export const FETCH_ARCHIVE_SCRIPT = 'fetch-archive.sh';

/** Where the image of the server says its major version, for that of rclone. */
export const MAJOR_FILE = '/tmp/major';

/** A time that is later than each restored one, as scripts compare them. */
const LATEST = '99991231235959';

/**
 * The script that fetches what the volume of an archive does not have: `fetch-archive.sh REMOTE NAME TIME TARGET`, with
 * the time as fourteen digits, or none.
 *
 * The volume is the first place: where it has a base backup of before the time, nothing is fetched. Else the last base
 * backup is fetched that ended before the time and is of the history that PostgreSQL will follow, with the log from its
 * start. Its manifest comes last, so that a fetch that was broken off goes on. All histories are fetched too: a restored
 * server begins one that nobody has.
 */
export const fetchArchiveScript = () => String.raw`remote=$1 name=$2 at=$3 target=$4
umask 077
work=/tmp/fetch
rm -rf "$work"
mkdir "$work"
${LIST_FUNCTIONS}
if [ -s "$PGDATA/PG_VERSION" ]; then
  echo "the volume of the server has data: nothing is fetched"
  exit 0
fi
[ -n "$at" ] || at=${LATEST}
folder=$name-$(cat ${MAJOR_FILE})
volume=${RESTORED_PATH}/$folder
has=
for one in $(ls "$volume/base" 2>/dev/null); do
  manifest=$volume/base/$one/backup_manifest
  if [ -e "$manifest" ] && [ "$(date -u -r "$manifest" +%Y%m%d%H%M%S)" -le "$at" ]; then has=$one; fi
done
if ! list "$work/systems" "$remote/$folder/system"; then
  [ -n "$has" ] || fail "the archive of '$name' could not be fetched"
  echo "the volume has base backup '$has': nothing is fetched"
  exit 0
fi
mine=$(ls "$volume/system" 2>/dev/null) theirs=$(cat "$work/systems")
if [ -n "$mine" ] && [ -n "$theirs" ] && [ "$mine" != "$theirs" ]; then
  fail "the volume has the archive of server $mine in $folder, and the bucket that of server $theirs. For the latter," \
    "delete the claim of the archive, or move $folder in it away. For the former, give another destination"
fi

list "$work/log" "$remote/$folder/wal" || exit 1
newest() {
  grep -x '[0-9A-F]\{24\}\.gz' | LC_ALL=C sort | tail -n 1
}
if [ -n "$has" ]; then
  # A volume from before, such as of a snapshot, would end there without a word.
  last=$(ls "$volume/wal" | newest) stored=$(newest <"$work/log")
  if [ "$( (echo "$last"; echo "$stored") | LC_ALL=C sort | tail -n 1)" != "$last" ] &&
    [ "$(date -u -r "$volume/wal/$last" +%Y%m%d%H%M%S)" -lt "$at" ]; then
    fail "the log in the volume ends with $last, and that in the bucket with $stored. To restore what the bucket has," \
      "delete the claim of the archive. To restore what the volume has, give a time before its end"
  fi
  echo "the volume has base backup '$has': nothing is fetched"
  exit 0
fi
export TZ=UTC
list "$work/manifests" -R --files-only --format pt --separator ' ' --include '/*/backup_manifest' \
  "$remote/$folder/base" || exit 1
if [ -z "$theirs" ]; then
  [ -s "$work/manifests" ] || fail "there is no archive $folder in the volume, and none in the bucket"
  [ -z "$mine" ] || fail "the bucket does not say of which server $folder is. If it is $mine, put a file of that name" \
    "into $folder/system of the bucket"
fi
history=$(grep -x '[0-9A-F]\{8\}\.history\.gz' "$work/log" | tail -n 1)
if [ -n "$history" ]; then
  cloud cat "$remote/$folder/wal/$history" >"$work/history.gz" && gzip -dc "$work/history.gz" >"$work/history" ||
    fail "$history of the bucket cannot be read"
fi

# Reads what the bucket has of the log of a base backup, and where in the log that begins. There is nothing: 2.
label_of() {
  for one in $(grep '\.backup\.gz$' "$work/log" | LC_ALL=C sort -r); do
    read_label "$one" || return 1
    if grep -qx "LABEL: $1" "$work/label"; then
      start=$(echo "$one" | cut -c 9-24)
      return 0
    fi
  done
  return 2
}

# A place in the log, in a form that can be compared.
place() {
  printf '%08X%08X\n' "0x$(echo "$1" | cut -d / -f 1)" "0x$(echo "$1" | cut -d / -f 2)"
}

# Whether the base backup with this label is of the history that PostgreSQL follows, which is the latest one.
is_followed() {
  [ -n "$history" ] || return 0
  timeline=$(sed -n 's/^STOP TIMELINE: \([0-9]*\)$/\1/p' "$work/label")
  [ "$timeline" != "$(printf %d "0x$(echo "$history" | cut -c 1-8)")" ] || return 0
  left=$(awk -v timeline="$timeline" '$1 == timeline { print $2 }' "$work/history")
  [ -n "$left" ] || return 1
  stop=$(place "$(sed -n 's/^STOP WAL LOCATION: \([0-9A-F/]*\) .*/\1/p' "$work/label")")
  [ "$( (echo "$stop"; place "$left") | LC_ALL=C sort | head -n 1)" = "$stop" ]
}

base=
for one in $(LC_ALL=C sort -r "$work/manifests" | tr ' ' '@'); do
  ended=$(echo "$one" | cut -d @ -f 2- | tr -cd 0-9)
  [ "$ended" -le "$at" ] || continue
  tried=$(echo "$one" | cut -d / -f 1)
  label_of "$tried"
  case $? in
    0) ;;
    2)
      echo "base backup '$tried': the bucket has nothing of its log"
      continue ;;
    *) exit 1 ;;
  esac
  if is_followed; then
    base=$tried
    break
  fi
  echo "base backup '$tried': is of what an earlier restore left"
done
[ -n "$base" ] || fail "no base backup of '$name' ended before the time. The bucket has:" \
  $(cut -d / -f 1 "$work/manifests")

awk -v start="$start" 'length($0) < 24 || (substr($0, 9, 16) "") >= (start "")' "$work/log" >"$work/needed"
from=$remote/$folder/base/$base to=$target/$folder/base/$base
mkdir -p "$to" "$target/$folder/wal"
cloud copy --files-from-raw "$work/needed" --no-traverse --ignore-existing --transfers 4 \
  "$remote/$folder/wal" "$target/$folder/wal" &&
  cloud copy --exclude /backup_manifest "$from" "$to" &&
  cloud copyto "$from/backup_manifest" "$to/backup_manifest" ||
  fail "base backup '$base' could not be fetched from the bucket with its log: rclone ended with $?. There are" \
    "$(df -P -k "$target" | awk 'NR == 2 { print $4 }') KiB left"
sync
echo "base backup '$base': fetched from the bucket, with files of the log: $(wc -l <"$work/needed")"
`;
