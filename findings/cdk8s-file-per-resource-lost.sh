#!/usr/bin/env bash
# With cdk8s 2.70.106 two resources of one kind and name in two namespaces of a chart leave one file, without a word.
#
# The two output types with a file for each resource name the file by kind and name alone. The second resource of the
# same kind and name is written over the first, although the namespaces differ and both are valid side by side. The
# output types with a file for each chart or App have both.
# Seen on 2026-11-28 with cdk8s 2.70.106, constructs 10.4.2 and Node 20. Needs Node and npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund cdk8s@2.70.106 constructs@10.4.2
cat >program.js <<'EOF'
const { readdirSync, readFileSync } = require('fs');
const { ApiObject, App, Chart, YamlOutputType } = require('cdk8s');
for (const type of Object.keys(YamlOutputType).filter((key) => isNaN(key))) {
  const app = new App({ outdir: type, yamlOutputType: YamlOutputType[type] });
  const chart = new Chart(app, 'shop');
  for (const namespace of ['blue', 'green']) {
    new ApiObject(chart, namespace, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace } });
  }
  app.synth();
  const files = readdirSync(type, { recursive: true }).filter((name) => name.endsWith('.yaml'));
  const texts = files.map((file) => readFileSync(`${type}/${file}`, 'utf8')).join('\n');
  const found = texts.match(/namespace: \w+/g).sort().join(', ');
  console.log(`${type}: ${files.join(', ')}: ${found}`);
}
EOF
node program.js >seen

diff seen - <<'SEEN' && echo 'as seen: one of two Services is lost where each resource has a file'
FILE_PER_APP: app.k8s.yaml: namespace: blue, namespace: green
FILE_PER_CHART: shop.k8s.yaml: namespace: blue, namespace: green
FILE_PER_RESOURCE: Service.web.k8s.yaml: namespace: green
FOLDER_PER_CHART_FILE_PER_RESOURCE: shop/Service.web.k8s.yaml: namespace: green
SEEN
