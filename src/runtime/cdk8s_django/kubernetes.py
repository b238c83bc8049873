"""Reads and changes one Secret through the API server, with the pod's own token.

Standard library only. The Role of the Job allows get and patch of that one Secret.
"""

import base64
import json
import os
import secrets
import ssl
import string
import time
import urllib.error
import urllib.request

from cdk8s_django.environment import number, text
from cdk8s_django.errors import Failure

URL_SAFE = string.ascii_letters + string.digits + "-_"
ALPHANUMERIC = string.ascii_letters + string.digits


def new_password():
    # No character that means something in a URL, a shell or SQL.
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(32))


def new_secret_key():
    return "".join(secrets.choice(URL_SAFE) for _ in range(64))


class Refused(Exception):
    """The API server's answer to one request, or its absence."""


class Conflict(Refused):
    """Somebody else changed the Secret in between."""


class SecretClient:
    def __init__(self, name):
        self.folder = text(
            "CDK8S_DJANGO_SERVICE_ACCOUNT", "/var/run/secrets/kubernetes.io/serviceaccount"
        )
        self.base = text("CDK8S_DJANGO_KUBERNETES_API") or in_cluster_api()
        self.name = name

    def get(self):
        """The Secret's resourceVersion and its values."""
        found = self.request("GET")
        values = {
            key: base64.b64decode(value).decode()
            for key, value in (found.get("data") or {}).items()
        }
        return found["metadata"]["resourceVersion"], values

    def patch(self, version, values):
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        # With the version that was read: of two Jobs at once the second one is refused.
        self.request("PATCH", {"metadata": {"resourceVersion": version}, "data": data})

    def request(self, method, body=None):
        namespace = self.read("namespace")
        request = urllib.request.Request(
            f"{self.base}/api/v1/namespaces/{namespace}/secrets/{self.name}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={
                "Authorization": f"Bearer {self.read('token')}",
                "Accept": "application/json",
                "Content-Type": "application/merge-patch+json",
            },
        )
        try:
            with self.opener().open(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            kind = Conflict if error.code == 409 else Refused
            raise kind(f"{method} of the Secret: {error.code} {error.reason}") from None
        except (OSError, ValueError) as error:
            why = getattr(error, "reason", error)
            raise Refused(f"the Kubernetes API at {self.base}: {why}") from None

    def opener(self):
        handlers = [urllib.request.ProxyHandler({})]
        if self.base.startswith("https:"):
            context = ssl.create_default_context(cafile=os.path.join(self.folder, "ca.crt"))
            # Python 3.13 began to refuse the authorities that many clusters have.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
            handlers.append(urllib.request.HTTPSHandler(context=context))
        return urllib.request.build_opener(*handlers)

    def read(self, name):
        try:
            with open(os.path.join(self.folder, name)) as file:
                return file.read().strip()
        except OSError as error:
            raise Failure(f"no service account in this pod: {error}") from None


def in_cluster_api():
    host = text("KUBERNETES_SERVICE_HOST")
    if not host:
        raise Failure("KUBERNETES_SERVICE_HOST is not set: this runs inside a cluster only")
    host = f"[{host}]" if ":" in host else host
    return f"https://{host}:{text('KUBERNETES_SERVICE_PORT', '443')}"


def change(name, make):
    """Adds to the Secret what make(values) returns; nothing when that is empty.

    Tries again until the deadline: the Secret, the Role or the network policy may come after
    the Job, and every attempt starts from the values as they then are.
    """
    timeout = number("CDK8S_DJANGO_API_TIMEOUT", 120)
    deadline = time.monotonic() + timeout
    client = SecretClient(name)
    last, pause = None, 0.5
    while True:
        try:
            version, values = client.get()
            changes = make(values)
            if changes:
                client.patch(version, changes)
            return changes
        except Refused as error:
            if time.monotonic() > deadline:
                raise Failure(f"Secret '{name}': {error}; gave up after {timeout} s") from None
            if isinstance(error, Conflict):
                # Changed between reading and writing: read again at once.
                continue
            if str(error) != last:
                print(f"waiting: {error}", flush=True)
                last = str(error)
            time.sleep(pause)
            pause = min(pause * 2, 8)
