#!/usr/bin/env bash
# With cdk8s 2.70.106 any ApiObject is an instance of every subclass of ApiObject, and any Chart of every subclass of Chart.
#
# The two classes answer `instanceof` by a mark that each of their objects has (Symbol.hasInstance), and a subclass
# inherits that answer. A program that looks for objects of its own class by `instanceof` finds those of others too.
# Seen on 2026-11-28 with cdk8s 2.70.106, constructs 10.4.2 and Node 20. Needs Node and npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund cdk8s@2.70.106 constructs@10.4.2
cat >program.js <<'EOF'
const { ApiObject, App, Chart } = require('cdk8s');
class OwnObject extends ApiObject {}
class OwnChart extends Chart {}
const chart = new Chart(new App(), 'plain');
const object = new ApiObject(chart, 'object', { apiVersion: 'v1', kind: 'ConfigMap' });
console.log(`a plain ApiObject is an OwnObject: ${object instanceof OwnObject}`);
console.log(`a plain Chart is an OwnChart: ${chart instanceof OwnChart}`);
console.log(`by their constructors: ${object.constructor === OwnObject}, ${chart.constructor === OwnChart}`);
EOF
node program.js >seen

diff seen - <<'SEEN' && echo 'as seen: a plain object counts as one of a class that did not make it'
a plain ApiObject is an OwnObject: true
a plain Chart is an OwnChart: true
by their constructors: false, false
SEEN
