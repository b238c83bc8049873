#!/usr/bin/env bash
# A schedule with a day of the month and a day of the week runs on either day in a CronJob, and in Celery's beat only on both.
#
# Kubernetes reads a CronJob's `0 3 1 * 1` with robfig/cron 3.0.1: each first of a month, and each Monday. The crontab of
# Celery 5.7.0 with the same five fields runs when the first is a Monday.
# Seen on 2026-11-30 with github.com/robfig/cron/v3 3.0.1 and celery 5.7.0. Needs Go and Python.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >go.mod <<'GO'
module finding
go 1.22
require github.com/robfig/cron/v3 v3.0.1
GO
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	schedule, _ := cron.ParseStandard("0 3 1 * 1")
	at := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for range 5 {
		at = schedule.Next(at)
		fmt.Println("CronJob", at.Format("Mon 2006-01-02"))
	}
}
GO
GOFLAGS=-mod=mod go mod tidy
go run . >seen

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install celery==5.7.0
venv/bin/python - >>seen <<'PYTHON'
from datetime import datetime, timedelta, timezone

from celery import Celery
from celery.schedules import crontab

app = Celery(set_as_current=False)
at = datetime(2026, 12, 1, tzinfo=timezone.utc)
for _ in range(2):
    schedule = crontab.from_string("0 3 1 * 1")
    schedule.app = app
    schedule.nowfun = lambda: at
    at += schedule.remaining_estimate(at) + timedelta(seconds=1)
    print("beat", at.strftime("%a %Y-%m-%d"))
PYTHON

diff seen - <<'SEEN' && echo 'as seen: either day for a CronJob, both days for beat'
CronJob Tue 2026-12-01
CronJob Mon 2026-12-07
CronJob Mon 2026-12-14
CronJob Mon 2026-12-21
CronJob Mon 2026-12-28
beat Mon 2027-02-01
beat Mon 2027-03-01
SEEN
