"""A streaming replica of the PostgreSQL of the tests, by the same programs."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from conftest import POSTGRES, free_port, sql

try:
    import psycopg as driver
except ImportError:
    import psycopg2 as driver

PROGRAMS = Path(os.environ["RUNTIME_TEST_POSTGRES"])
# PostgreSQL refuses to run as root.
AS_USER = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
if os.getuid() != 0:
    AS_USER = []


class Replica:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp())
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        self.port = free_port()
        self.process = None
        if AS_USER:
            shutil.chown(self.data, "nobody")
        place = [
            "--host",
            "localhost",
            "--port",
            POSTGRES["DATABASE_PORT"],
            "--username",
            "postgres",
        ]
        options = [
            "--pgdata",
            str(self.data),
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        ]
        subprocess.run(
            [*AS_USER, str(PROGRAMS / "pg_basebackup"), *place, *options],
            env={**os.environ, "PGPASSWORD": "testing"},
            cwd="/",
            check=True,
        )

    @property
    def variables(self):
        return {"DATABASE_REPLICA_HOST": "localhost", "DATABASE_REPLICA_PORT": str(self.port)}

    def start(self):
        options = ["-D", str(self.data), "-p", str(self.port), "-k", "", "-c", "fsync=off"]
        # The certificate of the first one is in the folder of the first one.
        options += ["-c", "ssl=off", "-c", "listen_addresses=localhost"]
        with (self.folder / "log").open("a") as log:
            command = [*AS_USER, str(PROGRAMS / "postgres"), *options]
            self.process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
        self.until("SELECT count(*) FROM pg_stat_wal_receiver", 1)

    def kill(self):
        """At once and all of it, as a node ends."""
        self.process.send_signal(signal.SIGSTOP)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True
        )
        for child in children.stdout.split():
            os.kill(int(child), signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def sql(self, statement):
        connection = driver.connect(
            host="localhost",
            port=self.port,
            user="postgres",
            password="testing",
            dbname="postgres",
        )
        connection.autocommit = True
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def until(self, query, value):
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.sql(query) == [(value,)]:
                    return
            except driver.OperationalError:
                pass
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)

    def catch_up(self):
        (position,) = sql("SELECT pg_current_wal_lsn()::text")[0]
        self.until(f"SELECT pg_last_wal_replay_lsn() >= '{position}'", True)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
        shutil.rmtree(self.folder)
