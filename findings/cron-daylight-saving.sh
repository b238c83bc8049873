#!/usr/bin/env bash
# The same schedule in a zone that changes its clocks runs on other days in a CronJob than in Celery's beat.
#
# Kubernetes reads the schedule of a CronJob with robfig/cron 3.0.1. For 2:30 in Europe/Berlin it leaves out the night of
# spring, whose clock goes from 2:00 to 3:00, and runs twice in the night of autumn. The crontab of Celery 5.7.0 runs
# once in both nights.
# Seen on 2026-11-28 with github.com/robfig/cron/v3 3.0.1 and celery 5.7.0. Needs Go and Python.
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
	zone, _ := time.LoadLocation("Europe/Berlin")
	schedule, _ := cron.ParseStandard("TZ=Europe/Berlin 30 2 * * *")
	for _, day := range []time.Time{time.Date(2026, 3, 28, 12, 0, 0, 0, zone), time.Date(2026, 10, 24, 12, 0, 0, 0, zone)} {
		for at := schedule.Next(day); at.Before(day.AddDate(0, 0, 2)); at = schedule.Next(at) {
			fmt.Println("CronJob", at.Format("2006-01-02 15:04 -0700"))
		}
	}
}
GO
GOFLAGS=-mod=mod go mod tidy 2>/dev/null
go run . >seen

python3 -m venv venv
venv/bin/pip --quiet --disable-pip-version-check install celery==5.7.0 tzdata
venv/bin/python - >>seen <<'PYTHON'
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from celery import Celery
from celery.schedules import crontab

ZONE = ZoneInfo("Europe/Berlin")
app = Celery(set_as_current=False)
app.conf.timezone = "Europe/Berlin"
for day in (datetime(2026, 3, 28, 11, tzinfo=timezone.utc), datetime(2026, 10, 24, 10, tzinfo=timezone.utc)):
    now = last = day
    schedule = crontab(minute="30", hour="2", app=app, nowfun=lambda: now.astimezone(ZONE))
    while now < day + timedelta(days=2):
        if schedule.is_due(last.astimezone(ZONE)).is_due:
            print("beat", now.astimezone(ZONE).strftime("%Y-%m-%d %H:%M %z"))
            last = now
        now += timedelta(minutes=1)
PYTHON

diff seen - <<'SEEN' && echo 'as seen: a CronJob runs 0 and 2 times in these nights, beat once in each'
CronJob 2026-03-30 02:30 +0200
CronJob 2026-10-25 02:30 +0200
CronJob 2026-10-25 02:30 +0100
CronJob 2026-10-26 02:30 +0100
beat 2026-03-29 03:30 +0200
beat 2026-03-30 02:30 +0200
beat 2026-10-25 02:30 +0200
beat 2026-10-26 02:30 +0100
SEEN
