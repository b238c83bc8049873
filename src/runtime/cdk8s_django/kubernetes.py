"""Reads and changes one Secret through the API server.

Standard library only. The Role of the Job allows get and patch of that one Secret.
"""

import base64
import secrets
import string

from cdk8s_django.api_server import ApiServer, patiently

URL_SAFE = string.ascii_letters + string.digits + "-_"
ALPHANUMERIC = string.ascii_letters + string.digits


def new_password():
    # No character that means something in a URL, a shell or SQL.
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(32))


def new_secret_key():
    return "".join(secrets.choice(URL_SAFE) for _ in range(64))


class SecretClient:
    def __init__(self, name):
        self.server = ApiServer()
        self.path = "/api/v1/namespaces/{namespace}/secrets/" + name

    def get(self):
        """The Secret's resourceVersion and its values."""
        found = self.server.request("GET", "the Secret", self.path)
        values = {
            key: base64.b64decode(value).decode()
            for key, value in (found.get("data") or {}).items()
        }
        return found["metadata"]["resourceVersion"], values

    def patch(self, version, values):
        data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
        # With the version that was read: of two Jobs at once the second one is refused.
        body = {"metadata": {"resourceVersion": version}, "data": data}
        self.server.request("PATCH", "the Secret", self.path, body)


def change(name, make):
    """Adds to the Secret what make(values) returns; nothing when that is empty.

    Every attempt starts from the values as they then are.
    """
    client = SecretClient(name)

    def attempt():
        version, values = client.get()
        changes = make(values)
        if changes:
            client.patch(version, changes)
        return changes

    return patiently(f"Secret '{name}'", attempt)
