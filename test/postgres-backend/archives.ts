import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { uploadArchiveScript } from '../../src/postgres-backend/archive-bucket-scripts';
import { fetchArchiveScript } from '../../src/postgres-backend/archive-fetch-script';
import { ARCHIVE_PATH, RESTORED_PATH } from '../../src/postgres-backend/archive-scripts';

/*
 * A volume and a bucket that are folders, and a program that stands in for rclone. The suite of operators has the real
 * one.
 */

const FOLDER = 'polls-db-18';
const HOUR = 3600;

/** As much of rclone as the scripts use. A command that `BROKEN` has a part of fails before it does anything. */
const RCLONE = String.raw`#!/bin/sh
[ -z "$DENIED" ] || { echo 'AccessDenied' >&2; exit 1; }
[ -z "$BROKEN" ] || case "$*" in *$BROKEN*) exit 7 ;; esac
path() { case $1 in bucket:*) echo "$WORK/bucket/\${1#bucket:}" ;; *) echo "$1" ;; esac; }
command=$1 from= to= names= include= format= dirs= exclude= ignore= immutable=
shift
while [ "$#" -gt 0 ]; do
  case $1 in
    --files-from-raw) names=$2; shift ;;
    --include) include=1; shift ;;
    --exclude) exclude=1; shift ;;
    --format) format=$2; shift ;;
    --separator | --transfers | --modify-window) shift ;;
    --dirs-only) dirs=1 ;;
    --ignore-existing) ignore=1 ;;
    --immutable) immutable=1 ;;
    -*) ;;
    *) if [ -z "$from" ]; then from=$(path "$1"); else to=$(path "$1"); fi ;;
  esac
  shift
done
case $command in
  lsf)
    cd "$from" 2>/dev/null || exit 3
    if [ -n "$include" ]; then
      for one in */backup_manifest; do
        [ -e "$one" ] || continue
        if [ -n "$format" ]; then one="$one $(date -u -r "$one" '+%Y-%m-%d %H:%M:%S')"; fi
        echo "$one"
      done
    elif [ -n "$dirs" ]; then ls -p | grep /
    else ls; fi
    exit 0 ;;
  copy)
    mkdir -p "$to"
    if [ -z "$names" ]; then ls "$from" | grep -vx "\${exclude:+backup_manifest}" >"$WORK/names"; names=$WORK/names; fi
    while read -r one; do
      if [ -e "$to/$one" ]; then
        [ -z "$ignore" ] || continue
        [ -z "$immutable" ] || cmp -s "$from/$one" "$to/$one" || { echo 'immutable file modified' >&2; exit 1; }
      fi
      cp -p "$from/$one" "$to/$one" || exit 1
    done <"$names" ;;
  copyto) mkdir -p "$(dirname "$to")" && cp -p "$from" "$to" ;;
  cat) cat "$from" ;;
  deletefile) rm "$from" ;;
  purge) rm -r "$from" ;;
  delete) while read -r one; do rm "$from/$one"; done <"$names" ;;
esac`;

/**
 * It ends the script after so many turns, each of which waits until base backups were copied. What the script says to
 * the server is that of its last turn.
 */
const SLEEP = String.raw`#!/bin/sh
until [ -e "$WORK/upload/ended" ]; do /bin/sleep 0.02; done
echo turn >>"$WORK/turns"
if [ "$(wc -l <"$WORK/turns")" -lt "$TURNS" ]; then rm -f "$WORK/archive-in-bucket"; else kill -TERM "$PPID"; fi
exec /bin/sleep 0.05`;

/** A volume and a bucket with archives of `polls-db`. */
export class Archives {
  readonly work = mkdtempSync(join(tmpdir(), 'archive-bucket-'));
  readonly now = Math.floor(Date.now() / 1000);

  constructor() {
    for (const [name, text] of Object.entries({ rclone: RCLONE, sleep: SLEEP })) {
      this.write(join('bin', name), text.replaceAll('\\${', '${'));
      chmodSync(join(this.work, 'bin', name), 0o755);
    }
    for (const folder of ['volume', 'bucket/b', 'data', 'fetched'])
      mkdirSync(join(this.work, folder), { recursive: true });
    writeFileSync(join(this.work, 'major'), '18');
  }

  remove(): void {
    rmSync(this.work, { recursive: true, force: true });
  }

  write(path: string, text: string | Buffer): void {
    mkdirSync(dirname(join(this.work, path)), { recursive: true });
    writeFileSync(join(this.work, path), text);
  }

  /** Files of a folder, sorted, with those of its folders. */
  files(place: 'volume' | 'bucket/b' | 'fetched', folder = ''): string[] {
    const path = join(this.work, place, FOLDER, folder);
    if (!existsSync(path)) return [];
    const found = readdirSync(path, { recursive: true, withFileTypes: true });
    return found
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(path.length + 1))
      .sort();
  }

  /** The identifier of the server whose archive is in the volume. */
  ownVolume(identifier: string): void {
    mkdirSync(join(this.work, 'volume', FOLDER, 'system', identifier), { recursive: true });
    for (const one of ['wal', 'base']) mkdirSync(join(this.work, 'volume', FOLDER, one), { recursive: true });
  }

  ownBucket(identifier: string): void {
    this.write(`bucket/b/${FOLDER}/system/${identifier}`, identifier);
  }

  /** Files of the log, each with its own text. */
  log(place: 'volume' | 'bucket/b', ...names: string[]): void {
    for (const name of names) this.write(`${place}/${FOLDER}/wal/${name}.gz`, gzipSync(`log ${name}`));
  }

  stamp = (hoursAgo: number) =>
    new Date((this.now - hoursAgo * HOUR) * 1000)
      .toISOString()
      .replace(/[-:]|\..*/g, '')
      .replace('T', '-');

  /** A base backup of some hours ago, that began with a file of the log. */
  base(place: 'volume' | 'bucket/b', hoursAgo: number, first: string, isWhole = true): string {
    const name = this.stamp(hoursAgo);
    const time = this.now - hoursAgo * HOUR;
    for (const file of ['base.tar.gz', ...(isWhole ? ['backup_manifest'] : [])]) {
      const path = `${place}/${FOLDER}/base/${name}/${file}`;
      this.write(path, `${file} of ${name}`);
      utimesSync(join(this.work, path), time, time);
    }
    if (isWhole) this.label(place, name, first);
    return name;
  }

  /** What PostgreSQL archives of a base backup. */
  label(place: 'volume' | 'bucket/b', base: string, first: string, stop = '0/9000100'): void {
    const timeline = parseInt(first.slice(0, 8), 16);
    const text = [
      `START WAL LOCATION: 0/9000028 (file ${first})`,
      `STOP WAL LOCATION: ${stop} (file ${first})`,
      `LABEL: ${base}`,
      `START TIMELINE: ${timeline}`,
      `STOP TIMELINE: ${timeline}`,
      '',
    ].join('\n');
    this.write(`${place}/${FOLDER}/wal/${first}.00000028.backup.gz`, gzipSync(text));
  }

  upload(env: Record<string, string> = {}, turns = 2) {
    for (const file of ['turns', 'archive-in-bucket']) rmSync(join(this.work, file), { force: true });
    const { stdout, stderr } = this.run(uploadArchiveScript(), ['polls-db', '48'], {
      TURNS: `${turns}`,
      ...env,
    });
    // A shell says which of its programs it has ended.
    return {
      stdout,
      stderr: stderr.replace('Terminated\n', ''),
      isInBucket: existsSync(join(this.work, 'archive-in-bucket')),
    };
  }

  /** Fetches into the volume itself, or into that of the data. */
  fetch(at = '', target: 'volume' | 'fetched' = 'volume', env: Record<string, string> = {}) {
    return this.run(fetchArchiveScript(), ['polls-db', at, join(this.work, target)], env);
  }

  private run(script: string, args: string[], env: Record<string, string>) {
    const text = script
      .replaceAll('/tmp/', `${this.work}/`)
      .replaceAll(ARCHIVE_PATH, join(this.work, 'volume'))
      .replaceAll(RESTORED_PATH, join(this.work, 'volume'));
    const { status, stdout, stderr } = spawnSync('sh', ['-c', text, 'sh', 'bucket:b', ...args], {
      encoding: 'utf8',
      timeout: 20_000,
      env: {
        PATH: `${join(this.work, 'bin')}:${process.env.PATH}`,
        WORK: this.work,
        PGDATA: join(this.work, 'data'),
        ...env,
      },
    });
    return { status, stdout, stderr };
  }
}
