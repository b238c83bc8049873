#!/usr/bin/env bash
# jsii 6.0.16 takes a class for unexported when a submodule exports it by name from another module.
#
# `export * as parts from './parts'` makes a submodule. When parts.ts says `export * from './part'`, a class of the root
# may have a member of the type Part. When it says `export { Part } from './part'`, which TypeScript takes for the same
# export, jsii ends with JSII3000 "Exported APIs cannot use un-exported type".
# Seen on 2026-11-28 with jsii 6.0.16. Needs Node 22 or later (20 warns) and npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >package.json <<'JSON'
{
  "name": "finding",
  "version": "1.0.0",
  "description": "Two ways to export a class",
  "license": "Apache-2.0",
  "author": { "name": "Nobody" },
  "repository": { "url": "https://example.com/finding.git" },
  "main": "lib/index.js",
  "types": "lib/index.d.ts",
  "stability": "stable",
  "jsii": { "outdir": "dist", "targets": {}, "tsc": { "rootDir": "src", "outDir": "lib" } }
}
JSON
npm install --silent --no-save jsii@6.0.16
mkdir src
echo 'export class Part {}' >src/part.ts
echo "export * as parts from './parts';" >src/index.ts
cat >>src/index.ts <<'TS'
import { Part } from './part';
export class Root { public readonly part = new Part(); }
TS

compile() {
  echo "$1" >src/parts.ts
  echo "$1"
  npx jsii >log 2>&1 || true
  grep -o 'JSII3000.*' log || echo 'no error'
}
{
  compile "export * from './part';"
  compile "export { Part } from './part';"
} >seen

diff seen - <<'SEEN' && echo 'as seen: the named export alone is refused'
export * from './part';
no error
export { Part } from './part';
JSII3000: Exported APIs cannot use un-exported type "finding.Part" [type-model/exported-api-cannot-use-unexported-type]
SEEN
