"""Asks the Kubernetes API server, with the pod's own token. Standard library only."""

import http.client
import json
import os
import ssl
import time
import urllib.error
import urllib.request

from cdk8s_django.environment import number, text
from cdk8s_django.errors import Failure


class Refused(Exception):
    """The API server's answer to one request, or its absence."""


class Conflict(Refused):
    """Somebody else changed or made the object in between."""


class Missing(Refused):
    """There is no such object."""


KINDS = {404: Missing, 409: Conflict}


class ApiServer:
    def __init__(self):
        self.folder = text(
            "CDK8S_DJANGO_SERVICE_ACCOUNT", "/var/run/secrets/kubernetes.io/serviceaccount"
        )
        self.base = text("CDK8S_DJANGO_KUBERNETES_API") or in_cluster_api()

    def request(self, method, what, path, body=None):
        """The answer. The path has {namespace} where the pod's own belongs."""
        kind = "merge-patch+json" if method == "PATCH" else "json"
        request = urllib.request.Request(
            self.base + path.format(namespace=self.read("namespace")),
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={
                "Authorization": f"Bearer {self.read('token')}",
                "Accept": "application/json",
                "Content-Type": f"application/{kind}",
            },
        )
        try:
            with self.opener().open(request, timeout=10) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            refused = KINDS.get(error.code, Refused)
            raise refused(f"{method} of {what}: {error.code} {error.reason}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            # The last kind: a server that ends in the middle of its answer.
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


def patiently(subject, attempt):
    """What attempt() returns. While the API server refuses, tries again until the deadline.

    The object, the Role or the network policy may come after the pod.
    """
    timeout = number("CDK8S_DJANGO_API_TIMEOUT", 120)
    deadline = time.monotonic() + timeout
    last, pause = None, 0.5
    while True:
        try:
            return attempt()
        except Refused as error:
            if time.monotonic() > deadline:
                raise Failure(f"{subject}: {error}; gave up after {timeout} s") from None
            if isinstance(error, Conflict):
                # Changed between reading and writing: read again at once.
                continue
            if str(error) != last:
                print(f"waiting: {error}", flush=True)
                last = str(error)
            time.sleep(pause)
            pause = min(pause * 2, 8)
