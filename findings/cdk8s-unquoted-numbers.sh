#!/usr/bin/env bash
# cdk8s 2.70.106 writes some strings without quotes that readers of YAML take for numbers.
#
# It quotes what YAML 1.1 and the YAML 1.2 core schema share, such as "0644" and "1e3". It does not quote `0o644`, `0X1F`
# and `1E_5`. The parser of kubectl (sigs.k8s.io/yaml 1.6.0) reads these as the numbers 420, 31 and 100000, so the API
# server refuses a ConfigMap whose value is the string '0o644'.
# Seen on 2026-11-28 with cdk8s 2.70.106 and sigs.k8s.io/yaml 1.6.0. Needs Node, npm and Go.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
npm install --silent cdk8s@2.70.106 constructs@10.4.2
node -e '
  const { Yaml } = require("cdk8s");
  process.stdout.write(Yaml.stringify({ a: "0o644", b: "0X1F", c: "1E_5", d: "0644", e: "1e3" }));
' >written.yaml

cat >go.mod <<'GO'
module finding
go 1.22
require sigs.k8s.io/yaml v1.6.0
GO
cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	text, _ := os.ReadFile("written.yaml")
	json, err := yaml.YAMLToJSON(text)
	fmt.Println(string(json), err)
}
GO
GOFLAGS=-mod=mod go mod tidy 2>/dev/null
{ cat written.yaml; go run .; } >seen

diff seen - <<'SEEN' && echo 'as seen: three strings are read as numbers'
a: 0o644
b: 0X1F
c: 1E_5
d: "0644"
e: "1e3"
{"a":420,"b":31,"c":100000,"d":"0644","e":"1e3"} <nil>
SEEN
