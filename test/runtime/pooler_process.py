"""A PgBouncer of the files that the library makes, in front of the PostgreSQL of the tests."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from conftest import HERE, POSTGRES, free_port

FILES = HERE / "pooler"
PROGRAM = os.environ["RUNTIME_TEST_PGBOUNCER"]
# As OpenShift runs it: a user without a name, of the group root.
ANY_USER = ["setpriv", "--reuid", "1000700000", "--regid", "0", "--clear-groups"]
# The packages may be below a folder that only root may enter.
ANY_USER += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


class Pooler:
    """PgBouncer in a folder of its own, by the start script of the pods."""

    def __init__(self, variables, pool=20, tls=None, places=()):
        self.folder = Path(tempfile.mkdtemp())
        self.folder.chmod(0o777)
        self.port = free_port()
        self.user = variables["DATABASE_USER"]
        self.password = variables["DATABASE_PASSWORD"]
        self.name = variables["DATABASE_NAME"]
        # What a container has under absolute paths.
        self.places = {
            "/run/pgbouncer": f"{self.folder}/run",
            "/etc/cdk8s-django/pgbouncer-tls": f"{self.folder}/tls",
            "/etc/cdk8s-django/pgbouncer/": f"{self.folder}/",
            "/certificates/ca.crt": os.environ["RUNTIME_TEST_CA"],
            # By its address, because its name may have one of IPv6 too, which nobody listens on.
            "db.example.com": "127.0.0.1",
            "verify-full": "verify-ca",
            "port=5432": f"port={POSTGRES['DATABASE_PORT']}",
            "listen_port = 6432": f"listen_port = {self.port}",
            "default_pool_size = 20": f"default_pool_size = {pool}",
            **dict(places),
        }
        for name in ("run", "tls", "bin"):
            (self.folder / name).mkdir()
            (self.folder / name).chmod(0o777)
        if tls:
            self.renew(tls)
        ini = self.placed("pgbouncer.ini").splitlines()
        ini = [line for line in ini if tls or not line.startswith("client_tls")]
        odd = literal('it\'s "odd" = a name')
        if re.fullmatch(r"[\w.-]+", self.name, re.ASCII):
            ini[1] = ini[1].replace("*", self.name)
        ini[1] = ini[1].replace(odd, literal(self.name))
        (self.folder / "pgbouncer.ini").write_text("\n".join([*ini, ""]))
        script = self.placed("start.sh").replace("sleep 30", "sleep 0.2")
        if not tls:
            script = re.sub(r"(?ms)^sum\(\).*^\) &\n", "", script)
        # In a container PgBouncer is the process 1.
        (self.folder / "start.sh").write_text(script.replace("kill -HUP 1", "kill -HUP $SELF"))
        (self.folder / "bin" / "pgbouncer").symlink_to(PROGRAM)
        self.log_path = self.folder / "log"

    def placed(self, name):
        text = (FILES / name).read_text()
        for old, new in self.places.items():
            text = text.replace(old, new)
        return text

    def renew(self, tls):
        for source, name in zip(tls, ("tls.crt", "tls.key")):
            # At once, as the kubelet does.
            shutil.copy(source, self.folder / "new")
            (self.folder / "new").chmod(0o644)
            (self.folder / "new").rename(self.folder / "tls" / name)

    def start(self, program=None):
        path = f"{program or self.folder / 'bin'}:{os.environ['PATH']}"
        user = ANY_USER if os.getuid() == 0 else []
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                [*user, "sh", "-c", f'SELF=$$ && export SELF && exec sh "{self.folder}/start.sh"'],
                env={"PATH": path, "PGUSER": self.user, "PGPASSWORD": self.password},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(200):
            if "listening on 127.0.0.1" in self.log or "listening on 0.0.0.0" in self.log:
                return self
            assert self.process.poll() is None, self.log
            time.sleep(0.05)
        raise AssertionError(self.log)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    @property
    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    @property
    def variables(self):
        """What the manifests tell applications."""
        return {
            "DATABASE_HOST": "localhost",
            "DATABASE_PORT": str(self.port),
            "DATABASE_NAME": self.name,
            "DATABASE_USER": self.user,
            "DATABASE_PASSWORD": self.password,
            "DATABASE_SSL_MODE": "disable",
            "DATABASE_CONN_MAX_AGE": "60",
            "DATABASE_TRANSACTION_POOLER": "true",
            "DATABASE_DIRECT_HOST": "localhost",
            "DATABASE_DIRECT_PORT": POSTGRES["DATABASE_PORT"],
            "DATABASE_DIRECT_SSL_MODE": "verify-full",
            "DATABASE_DIRECT_SSL_ROOT_CERT": os.environ["RUNTIME_TEST_CA"],
        }


def identifier(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


@contextlib.contextmanager
def pooler(variables, **options):
    one = Pooler(variables, **options)
    try:
        yield one.start()
    finally:
        one.stop()
        shutil.rmtree(one.folder, ignore_errors=True)
