#!/usr/bin/env bash
# A line of the level CRITICAL gets no severity by OpenTelemetry's collector, while WARNING and ERROR get theirs.
#
# Without a mapping, `severity_parser` knows the aliases of OTLP, `warning` and `err`. CRITICAL, the highest level of
# Python, is none of them. Such a line keeps its text and has the number 0, which is less than that of DEBUG: a search
# for 17 and more, or an alert on it, leaves out the worst lines. OpenTelemetry's SDK for Python gives CRITICAL 21.
# `mapping: { fatal: critical }` does so too. Seen on 2026-11-30 with pkg/stanza of opentelemetry-collector-contrib
# 0.165.0 and opentelemetry-sdk 1.45.1. Needs Go, which fetches the toolchain that the module asks for, and Python.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export GOFLAGS=-mod=mod GOTOOLCHAIN=auto

cat >go.mod <<'MOD'
module finding

go 1.25.0

require github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza v0.165.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/entry"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/stanza/operator/helper"
	"go.opentelemetry.io/collector/component"
)

func numbers(title string, mapping map[string]any) {
	from := entry.NewAttributeField("level")
	config := helper.NewSeverityConfig()
	config.ParseFrom, config.Mapping = &from, mapping
	parser, err := config.Build(component.TelemetrySettings{})
	if err != nil {
		panic(err)
	}
	fmt.Print(title)
	for _, level := range []string{"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"} {
		line := entry.New()
		line.Attributes = map[string]any{"level": level}
		if err := parser.Parse(line); err != nil {
			panic(err)
		}
		fmt.Printf(" %s %d", line.SeverityText, line.Severity)
	}
	fmt.Println()
}

func main() {
	numbers("without a mapping:", nil)
	numbers("with a mapping:", map[string]any{"fatal": "critical"})
}
GO
go mod tidy >log 2>&1 && go run . >seen 2>>log || { cat log >&2; exit 1; }

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install opentelemetry-sdk==1.45.1
venv/bin/python - >>seen <<'PYTHON'
from opentelemetry.sdk._logs._internal import std_to_otel

print("the SDK of Python: CRITICAL", std_to_otel(50).value)
PYTHON

cat seen
diff - seen <<'EXPECTED'
without a mapping: DEBUG 5 INFO 9 WARNING 13 ERROR 17 CRITICAL 0
with a mapping: DEBUG 5 INFO 9 WARNING 13 ERROR 17 CRITICAL 21
the SDK of Python: CRITICAL 21
EXPECTED
