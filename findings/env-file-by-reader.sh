#!/usr/bin/env bash
# A .env file that works with django-environ or honcho gives other values, and other names, by kustomize's `envs`.
#
# A configMapGenerator or secretGenerator with `envs` (api 0.21.1) keeps quotes as a part of the value, and takes `export
# DEBUG` for a name. django-environ 0.14.0 takes a remark behind a value for a part of it, and honcho 2.0.0 does not.
# honcho cuts a value at `#` without quotes, which a password may have, and leaves out an empty value and `export`.
# Seen on 2026-11-30. Needs Go and Python.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >shop.env <<'ENV'
TITLE="The shop"
PASSWORD=ab#cd
LEVEL=info # for now
export DEBUG=no
PREFIX=
ENV
printf 'configMapGenerator: [{ name: shop, envs: [shop.env], options: { disableNameSuffixHash: true } }]\n' >kustomization.yaml
cat >go.mod <<'GO'
module finding
go 1.24.0
require sigs.k8s.io/kustomize/api v0.21.1
require sigs.k8s.io/kustomize/kyaml v0.21.1
GO
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), ".")
	if err != nil {
		panic(err)
	}
	object, _ := built.Resources()[0].Map()
	text, _ := json.Marshal(object["data"])
	fmt.Println("kustomize", string(text))
}
GO
GOFLAGS=-mod=mod go mod tidy
go run . >seen

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install django-environ==0.14.0 honcho==2.0.0
env -i "$work/venv/bin/python" - >>seen <<'PYTHON'
import json
import os

import environ
from honcho.environ import parse

before = dict(os.environ)
environ.Env.read_env("shop.env")
read = {name: value for name, value in os.environ.items() if name not in before}
print("django-environ", json.dumps(read, sort_keys=True, separators=(",", ":")))
with open("shop.env") as file:
    print("honcho", json.dumps(dict(parse(file.read())), sort_keys=True, separators=(",", ":")))
PYTHON

diff seen - <<'SEEN' && echo 'as seen: three readers, three sets of variables'
kustomize {"LEVEL":"info # for now","PASSWORD":"ab#cd","PREFIX":"","TITLE":"\"The shop\"","export DEBUG":"no"}
django-environ {"DEBUG":"no","LEVEL":"info # for now","PASSWORD":"ab#cd","PREFIX":"","TITLE":"The shop"}
honcho {"LEVEL":"info","PASSWORD":"ab","TITLE":"The shop"}
SEEN
