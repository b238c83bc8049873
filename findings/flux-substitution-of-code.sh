#!/usr/bin/env bash
# Flux's post-build substitution (envsubst 1.9.0) stops at shell code that a shell takes, or changes it.
#
# A Kustomization with `postBuild.substitute` runs it over every value, code in ConfigMaps included. "${files[@]}" and
# "${x-y}", both valid in shells, end in an error that stops the whole Kustomization. "$$" becomes "$", and a variable
# that is not declared becomes empty text. Names without braces stay as they are.
# The annotation `kustomize.toolkit.fluxcd.io/substitute: disabled` takes one object out.
# Seen on 2026-11-28 with github.com/fluxcd/pkg/envsubst 1.9.0. Needs Go 1.24 or later.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >go.mod <<'GO'
module finding
go 1.24
require github.com/fluxcd/pkg/envsubst v1.9.0
GO
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/fluxcd/pkg/envsubst"
)

func main() {
	undeclared := func(string) (string, bool) { return "", true }
	for _, text := range []string{"ls ${files[@]}", "ls ${x-y}", "ls ${x:-y}", "kill $$", "ls ${PGDATA}", "ls $x"} {
		out, err := envsubst.Eval(text, undeclared)
		if err != nil {
			out = "error: " + err.Error()
		}
		fmt.Printf("%s => %s\n", text, out)
	}
}
GO
GOFLAGS=-mod=mod go mod tidy 2>/dev/null
go run . >seen

diff seen - <<'SEEN' && echo 'as seen: two errors, two changed texts'
ls ${files[@]} => error: missing closing brace
ls ${x-y} => error: missing closing brace
ls ${x:-y} => ls y
kill $$ => kill $
ls ${PGDATA} => ls 
ls $x => ls $x
SEEN
