#!/usr/bin/env bash
# `cdk8s synth` deletes its whole output folder first, files that cdk8s did not write too. The same program run by itself does not.
#
# cdk8s-cli 2.207.60 removes the folder before it runs the program. A kustomization.yaml or a README that somebody put
# beside the manifests is gone without a word. It also goes when the program then fails, and nothing is written. `node
# main.js` keeps everything, older manifests too.
# Seen on 2026-11-30 with cdk8s 2.70.106, cdk8s-cli 2.207.60, constructs 10.4.2 and Node 20. Needs Node and npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund cdk8s@2.70.106 cdk8s-cli@2.207.60 constructs@10.4.2
cat >main.js <<'EOF'
const { ApiObject, App, Chart } = require('cdk8s');
if (process.env.BROKEN) throw new Error('a mistake in the program');
const app = new App();
new ApiObject(new Chart(app, 'shop'), 'settings', { apiVersion: 'v1', kind: 'ConfigMap' });
app.synth();
EOF
printf 'language: typescript\napp: node main.js\n' >cdk8s.yaml

# What is in the folder after a command, when a file of another program was there.
after() {
  local code=0
  mkdir -p dist
  echo 'resources: [shop.k8s.yaml]' >dist/kustomization.yaml
  "$@" >log 2>&1 || code=$?
  echo "$*: exit code $code, $(find dist -type f 2>/dev/null | sort | tr '\n' ' ')"
}
{
  after node main.js
  after npx cdk8s synth --check-upgrade=false
  after env BROKEN=1 npx cdk8s synth --check-upgrade=false
} >seen

diff seen - <<'SEEN' && echo 'as seen: the index is gone after cdk8s synth, and the manifests too when the program fails'
node main.js: exit code 0, dist/kustomization.yaml dist/shop.k8s.yaml 
npx cdk8s synth --check-upgrade=false: exit code 0, dist/shop.k8s.yaml 
env BROKEN=1 npx cdk8s synth --check-upgrade=false: exit code 1, 
SEEN
