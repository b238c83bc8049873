#!/usr/bin/env bash
# Three values without quotes mean something else in the same manifest to kubectl, kustomize, cdk8s and client-node.
#
# kubectl reads a date as its text, 12:30 as text and the mode 0400 as octal (256). kustomize makes a time of the date.
# `Include` of cdk8s makes another time of it and a number of 12:30, and says nothing. `loadYaml` of the Kubernetes client
# for Node reads the mode as decimal: 400 is 0620, which lets the group write.
# Seen on 2026-11-30 with sigs.k8s.io/yaml 1.6.0, sigs.k8s.io/kustomize/api 0.21.1, cdk8s 2.70.106 and
# @kubernetes/client-node 1.4.0. Needs Go, Node and npm.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >manifest.yaml <<'YAML'
apiVersion: example.com/v1
kind: Shop
metadata: { name: shop }
spec: { released: 2026-11-30, opens: 12:30, mode: 0400 }
YAML
echo 'resources: [manifest.yaml]' >kustomization.yaml
cat >go.mod <<'GO'
module finding
go 1.24.0
require sigs.k8s.io/kustomize/api v0.21.1
require sigs.k8s.io/kustomize/kyaml v0.21.1
require sigs.k8s.io/yaml v1.6.0
GO
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

func show(name string, text []byte) {
	var read map[string]any
	if err := yaml.Unmarshal(text, &read); err != nil {
		panic(err)
	}
	spec, _ := json.Marshal(read["spec"])
	fmt.Println(name, string(spec))
}

func main() {
	text, _ := os.ReadFile("manifest.yaml")
	show("kubectl", text)
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), ".")
	if err != nil {
		panic(err)
	}
	text, _ = built.AsYaml()
	show("kustomize", text)
}
GO
GOFLAGS=-mod=mod go mod tidy
go run . >seen

echo '{ "private": true }' >package.json
npm install --silent --no-audit --no-fund cdk8s@2.70.106 constructs@10.4.2 @kubernetes/client-node@1.4.0
cat >program.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { loadYaml } from '@kubernetes/client-node';
import cdk8s from 'cdk8s';
const show = (name, { opens, mode, released }) => console.log(name, JSON.stringify({ mode, opens, released }));
const chart = new cdk8s.Chart(new cdk8s.App(), 'shop');
new cdk8s.Include(chart, 'manifest', { url: 'manifest.yaml' });
show('cdk8s', chart.toJson()[0].spec);
show('client-node', loadYaml(readFileSync('manifest.yaml', 'utf8')).spec);
EOF
node program.mjs >>seen

diff seen - <<'SEEN' && echo 'as seen: four readers, four specs'
kubectl {"mode":256,"opens":"12:30","released":"2026-11-30"}
kustomize {"mode":256,"opens":"12:30","released":"2026-11-30T00:00:00Z"}
cdk8s {"mode":256,"opens":750,"released":"2026-11-30T00:00:00.000Z"}
client-node {"mode":400,"opens":"12:30","released":"2026-11-30T00:00:00.000Z"}
SEEN
