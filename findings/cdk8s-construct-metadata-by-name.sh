#!/usr/bin/env bash
# With a validation in cdk8s.yaml, cdk8s writes a JSON file among the manifests that has one of two resources of one name.
#
# cdk8s-cli then has the App record which construct made what, in construct-metadata.json of the output folder. Its
# entries are by the name of a resource alone: of a Deployment and a Service of one name, the second one is there.
# The file has no kind, and `kubectl apply -f FOLDER` reads files that end in .json too.
# Seen on 2026-11-29 with cdk8s 2.70.106, cdk8s-cli 2.207.60, constructs 10.4.2 and Node 20. Needs Node and npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund cdk8s@2.70.106 cdk8s-cli@2.207.60 constructs@10.4.2
cat >main.js <<'EOF'
const { ApiObject, App, Chart } = require('cdk8s');
const app = new App();
const chart = new Chart(app, 'shop');
new ApiObject(chart, 'Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } });
new ApiObject(chart, 'Service', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } });
app.synth();
EOF
cat >validation.js <<'EOF'
exports.Accepting = class {
  async validate({ report }) {
    report.submit('success');
  }
};
EOF
synth() {
  npx cdk8s synth --check-upgrade=false >log 2>&1 || { cat log && exit 1; }
  echo "$1: $(cd dist && echo *)"
}
printf 'language: typescript\napp: node main.js\n' >cdk8s.yaml
synth 'without a validation' >seen
printf 'validations:\n  - package: ./validation.js\n    version: 1.0.0\n    class: Accepting\n' >>cdk8s.yaml
synth 'with a validation' >>seen
node -p "JSON.stringify(require('./dist/construct-metadata.json').resources)" >>seen

diff seen - <<'SEEN' && echo 'as seen: one entry for a Deployment and a Service of one name, in a file among the manifests'
without a validation: shop.k8s.yaml
with a validation: construct-metadata.json shop.k8s.yaml
{"web":{"path":"shop/Service"}}
SEEN
