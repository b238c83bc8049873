#!/usr/bin/env bash
# An OpenTelemetry gauge of unit 1 is NAME_ratio in Prometheus when it comes by OTLP, and NAME when Python exports it.
#
# Prometheus builds names of what it receives by OTLP with otlptranslator 1.0.0: a gauge of unit "1", such as the length of
# a queue, becomes `queue_length_ratio`. The Prometheus exporter for Python leaves it as `queue_length`. Counters and other
# units get the same names by both. So a switch from scraping to OTLP empties a panel and silences an alert.
# Seen on 2026-11-30 with github.com/prometheus/otlptranslator 1.0.0, opentelemetry-sdk 1.45.2 and
# opentelemetry-exporter-prometheus 0.66b2. Needs Go and Python.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >go.mod <<'GO'
module finding
go 1.23.0
require github.com/prometheus/otlptranslator v1.0.0
GO
cat >main.go <<'GO'
package main

import (
	"fmt"

	translator "github.com/prometheus/otlptranslator"
)

func main() {
	namer := translator.NewMetricNamer("", translator.UnderscoreEscapingWithSuffixes)
	for _, unit := range []string{"1", "{task}", "ms", "By/s"} {
		gauge, _ := namer.Build(translator.Metric{Name: "queue.length", Unit: unit, Type: translator.MetricTypeGauge})
		counter, _ := namer.Build(translator.Metric{Name: "sent", Unit: unit, Type: translator.MetricTypeMonotonicCounter})
		fmt.Println("by OTLP:", unit, gauge, counter)
	}
}
GO
GOFLAGS=-mod=mod go mod tidy
go run . >seen

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install opentelemetry-sdk==1.45.2 opentelemetry-exporter-prometheus==0.66b2
venv/bin/python - >>seen <<'PYTHON'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY

for unit in ("1", "{task}", "ms", "By/s"):
    reader = PrometheusMetricReader()
    provider = MeterProvider(metric_readers=[reader])
    meter = provider.get_meter("shop")
    meter.create_gauge("queue.length", unit=unit).set(1)
    meter.create_counter("sent", unit=unit).add(1)
    names = {sample.name for family in REGISTRY.collect() for sample in family.samples}
    print("scraped:", unit, *sorted(name for name in names if name.startswith(("queue", "sent"))))
    provider.shutdown()
PYTHON

diff seen - <<'SEEN' && echo 'as seen: a gauge of unit 1 has two names'
by OTLP: 1 queue_length_ratio sent_total
by OTLP: {task} queue_length sent_total
by OTLP: ms queue_length_milliseconds sent_milliseconds_total
by OTLP: By/s queue_length_bytes_per_second sent_bytes_per_second_total
scraped: 1 queue_length sent_total
scraped: {task} queue_length sent_total
scraped: ms queue_length_milliseconds sent_milliseconds_total
scraped: By/s queue_length_bytes_per_second sent_bytes_per_second_total
SEEN
