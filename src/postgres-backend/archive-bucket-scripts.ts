import { CLOUD_FUNCTION } from '../workloads/bucket-scripts';
import { FAIL_FUNCTION } from '../workloads/dump-scripts';
import { ARCHIVE_PATH, BY_PLACE, COPIED_FILE } from './archive-scripts';

/*
 * What rclone does with an archive, in the shell of its own image, which is that of BusyBox. The texts have no "${" and
 * no "$$", which Flux would take for its own. In the bucket an archive has the same folders as in its volume:
 * NAME-MAJOR/wal, NAME-MAJOR/base/TIME and NAME-MAJOR/system/IDENTIFIER.
 */

/** The name of the script in the ConfigMap of the server. */
export const UPLOAD_ARCHIVE_SCRIPT = 'upload-archive.sh';

/**
 * `list FILE FOLDER [OPTION …]` writes the names below a folder of the bucket to a file, in their order. `read_label FILE`
 * writes what PostgreSQL has archived of a base backup to $work/label. It needs $folder.
 */
export const LIST_FUNCTIONS = String.raw`${FAIL_FUNCTION}
${CLOUD_FUNCTION}
list() {
  to=$1
  shift
  cloud lsf "$@" >"$to.new" 2>"$to.err"
  code=$?
  # 3: a file system or a store has no such folder yet. S3 says so of a bucket that is missing.
  if [ "$code" != 0 ] && [ "$code" != 3 ]; then
    cat "$to.err" >&2
    echo "error: the bucket could not be listed: rclone ended with $code" >&2
    return 1
  fi
  LC_ALL=C sort "$to.new" >"$to"
}

read_label() {
  cloud cat "$remote/$folder/wal/$1" >"$work/label.gz" && gzip -dc "$work/label.gz" >"$work/label"
}
`;

/**
 * The script that copies an archive to the bucket as long as the server runs: `upload-archive.sh REMOTE NAME HOURS`.
 *
 * It never ends by itself: a pod whose container has ended is not ready, and the database would be away with the bucket.
 * Each minute it copies what is new of the log. Base backups are copied beside that, because one may take hours, and the
 * log must not wait. A base backup is whole when its manifest is there: that comes last, after all of the log that was
 * there with it. Files of the log are never written over. What was copied is remembered as long as the container runs;
 * a new container has rclone compare all with the bucket once.
 *
 * What is expired goes by what the bucket has, and by the same rule as in the volume: a new volume has nothing. Nothing
 * is copied or deleted where the bucket has the archive of another server.
 */
export const uploadArchiveScript = () => String.raw`remote=$1 name=$2 hours=$3
umask 077
archives=${ARCHIVE_PATH}
state=/tmp/upload
rm -rf "$state"
mkdir "$state"
# The server looks how old this is. A new pod is not late.
copied=/tmp/${COPIED_FILE}
[ -e "$copied" ] || : >"$copied"
${LIST_FUNCTIONS}
# Whether the bucket has the archive of this server, or none: 0. Nothing is archived yet: 2.
own() {
  system=$(ls "$archives/$folder/system" 2>/dev/null)
  [ -n "$system" ] || return 2
  [ "$(cat "$work/own" 2>/dev/null)" != "$system" ] || return 0
  list "$work/systems" "$remote/$folder/system" || return 1
  if [ ! -s "$work/systems" ]; then
    echo "$system" >"$work/$system"
    cloud copyto "$work/$system" "$remote/$folder/system/$system" || return 1
  elif [ "$(cat "$work/systems")" != "$system" ]; then
    echo "error: $folder of the bucket is the archive of another server, $(cat "$work/systems"), and nothing of this" \
      "one ($system) is copied: restore that one by the option restore, or give another destination" >&2
    return 1
  fi
  : >"$work/copied"
  echo "$system" >"$work/own"
}

# The lines of a file that another one does not have.
minus() {
  awk -v other="$2" 'BEGIN { while ((getline line <other) > 0) known[line] } !($0 in known)' "$1"
}

whole_in_volume() {
  for one in $(ls "$archives/$folder/base"); do
    if [ -e "$archives/$folder/base/$one/backup_manifest" ]; then echo "$one"; fi
  done | LC_ALL=C sort
}

copy_log() {
  own
  case $? in 0) ;; 2) return 0 ;; *) return 1 ;; esac
  whole_in_volume >"$work/whole" || return 1
  ls "$archives/$folder/wal" | LC_ALL=C sort >"$work/all" || return 1
  minus "$work/all" "$work/copied" >"$work/todo" || return 1
  if [ -s "$work/todo" ]; then
    cloud copy --files-from-raw "$work/todo" --no-traverse --immutable --modify-window 1s --transfers 4 \
      "$archives/$folder/wal" "$remote/$folder/wal" || {
      echo "error: the log in $folder was not copied to the bucket: rclone ended with $?. It is in the volume, and is" \
        "tried again" >&2
      return 1
    }
    echo "$folder: files of the log in the bucket: $(wc -l <"$work/todo") more, until $(tail -n 1 "$work/todo")"
  fi
  mv "$work/all" "$work/copied"
  mv "$work/whole" "$work/ready"
}

# The base backups of the bucket that are whole, the oldest first.
list_bases() {
  list "$work/manifests" -R --files-only --include '/*/backup_manifest' "$remote/$folder/base" || return 1
  cut -d / -f 1 "$work/manifests" >"$work/known"
}

copy_bases() {
  # Without a base backup in the volume nothing is deleted either.
  [ -s "$work/ready" ] || return 0
  cp "$work/ready" "$work/wanted"
  if [ -e "$work/done" ] && [ -z "$(minus "$work/wanted" "$work/done")" ]; then return 0; fi
  list_bases || return 1
  oldest=$(head -n 1 "$work/known" | tr -d -)
  # The oldest first: with all of the log, each time can be restored once it is there.
  for base in $(minus "$work/wanted" "$work/known"); do
    # That one is expired in the bucket.
    if [ -n "$oldest" ] && [ "$(echo "$base" | tr -d -)" -lt "$oldest" ]; then continue; fi
    from=$archives/$folder/base/$base to=$remote/$folder/base/$base
    cloud copy --exclude /backup_manifest "$from" "$to" && cloud copyto "$from/backup_manifest" "$to/backup_manifest" || {
      echo "error: base backup '$base' was not copied to the bucket: rclone ended with $?. It is in the volume, and is" \
        "tried again" >&2
      return 1
    }
    # Again with each: a rule of the bucket may delete what is old.
    cloud copyto --ignore-times "$work/own" "$remote/$folder/system/$(cat "$work/own")" || return 1
    echo "$folder: base backup '$base' is in the bucket"
  done
  expire || {
    echo "error: what is expired in $folder of the bucket could not be deleted" >&2
    return 1
  }
  mv "$work/wanted" "$work/done"
}

expire() {
  list_bases || return 1
  bound=$(date -u -d "@$(($(date -u +%s) - hours * 3600))" +%Y%m%d%H%M%S)
  first=
  for one in $(cat "$work/known"); do
    if [ -z "$first" ] || [ "$(echo "$one" | tr -d -)" -lt "$bound" ]; then first=$one; fi
  done
  [ -n "$first" ] || return 0
  list "$work/bases" --dirs-only "$remote/$folder/base" || return 1
  broken=$(date -u -d "@$(($(date -u +%s) - 172800))" +%Y%m%d%H%M%S)
  for base in $(tr -d / <"$work/bases"); do
    stamp=$(echo "$base" | tr -d -)
    if grep -qx "$base" "$work/known"; then
      [ "$stamp" -lt "$(echo "$first" | tr -d -)" ] || continue
      # It is no longer whole from now on.
      cloud deletefile "$remote/$folder/base/$base/backup_manifest" || return 1
    elif [ "$stamp" -ge "$broken" ]; then
      continue
    fi
    # A bucket has no folder any more whose last file is deleted.
    cloud purge "$remote/$folder/base/$base" || [ "$?" = 3 ] || return 1
    echo "$folder: base backup '$base' is deleted from the bucket"
  done
  # From the lowest place on at which one begins that stays: after a restore to a time a younger one begins lower.
  list "$work/log" "$remote/$folder/wal" || return 1
  sed -n "/^$first\$/,\$p" "$work/known" >"$work/kept"
  : >"$work/labelled"
  start=
  for one in $(cat "$work/log" | ${BY_PLACE}); do
    read_label "$one" || return 1
    label=$(sed -n 's/^LABEL: //p' "$work/label")
    grep -qxF "$label" "$work/kept" || continue
    echo "$label" >>"$work/labelled"
    [ -n "$start" ] || start=$(echo "$one" | cut -c 9-24)
  done
  # One has not said yet where it begins.
  [ -z "$(minus "$work/kept" "$work/labelled")" ] || return 0
  # As pg_archivecleanup does it: by the place in the log, whatever the history is.
  awk -v start="$start" 'length($0) >= 24 && (substr($0, 9, 16) "") < (start "")' "$work/log" >"$work/expired"
  [ -s "$work/expired" ] || return 0
  cloud delete --files-from-raw "$work/expired" --no-traverse "$remote/$folder/wal" || return 1
  echo "$folder: files of the log deleted from the bucket: $(wc -l <"$work/expired")"
}

# Runs a function for the archive of each major version, each of which has notes of its own.
each() {
  good=true
  for folder in $(ls "$archives" | grep -x "$name-[0-9][0-9]*"); do
    work=$state/$folder
    mkdir -p "$work"
    "$1" || good=false
  done
  [ "$good" = true ]
}

# In another container of the pod, no copy of base backups has succeeded yet.
running='' copying='' bases=$([ -e "$copied" ] || echo 0)
trap 'kill "$running" 2>/dev/null; exit 143' TERM
trap 'kill "$copying" 2>/dev/null; wait "$copying" 2>/dev/null' EXIT
while :; do
  each copy_log
  log=$?
  if [ -z "$copying" ] || [ -e "$state/ended" ] || ! kill -0 "$copying" 2>/dev/null; then
    [ -z "$copying" ] || bases=$(cat "$state/ended" 2>/dev/null || echo 1)
    rm -f "$state/ended"
    (
      trap 'exit 143' TERM
      each copy_bases
      echo "$?" >"$state/ended"
    ) &
    copying=$!
  fi
  if [ "$log" = 0 ] && [ "$bases" = 0 ]; then touch "$copied"; fi
  sleep 60 &
  running=$!
  wait "$running"
done
`;
