"""Tokens by which the pod's identity logs in to a database of the platform. Standard library only.

`python -m cdk8s_django.database_tokens` prints one, for programs of libpq:
PGPASSWORD="$(python -m cdk8s_django.database_tokens)" pg_dump …
"""

import hashlib
import hmac
import importlib
import time
from urllib.parse import quote

from cdk8s_django import cloud_credentials
from cdk8s_django.cloud_credentials import Refused
from cdk8s_django.environment import text
from cdk8s_django.errors import Failure, run

CLOUD = "CDK8S_DJANGO_DATABASE_IDENTITY"
# Seconds that a token of RDS counts.
RDS_LIFETIME = 900
SERVICE = "rds-db"
# Whom tokens are for, by the end of the server's name.
AZURE_AUDIENCES = {
    ".usgovcloudapi.net": "https://ossrdbms-aad.database.usgovcloudapi.net",
    ".chinacloudapi.cn": "https://ossrdbms-aad.database.chinacloudapi.cn",
    "": "https://ossrdbms-aad.database.windows.net",
}


class Password(str):
    """A password that is another one each time that a driver reads it.

    Drivers and Django make `str()` of it when they connect, a pool too. In a representation, and
    so in a debug page or a log, it is the text that it was made of.
    """

    def __new__(cls, host, port, user):
        made = super().__new__(cls, "(a token of the pod's identity)")
        made.place = (host, port, user)
        return made

    def __getnewargs__(self):
        return self.place

    def __str__(self):
        try:
            return token(*self.place)
        except Refused as refused:
            # As when the server does not answer: whoever waits for it goes on waiting.
            kinds = importlib.import_module("django.db.utils")
            raise kinds.OperationalError(str(refused)) from None

    def __format__(self, how):
        return format(str(self), how)

    def encode(self, *how):
        return str(self).encode(*how)


def wanted():
    """Whether the pod's identity logs in. Throws when the pod has none."""
    cloud = text(CLOUD)
    if not cloud:
        return False
    if cloud not in WAYS:
        raise Failure(f"{CLOUD} is '{cloud}': it must be one of {', '.join(WAYS)}")
    _, sources, remedy = WAYS[cloud]
    if not any(all(text(name) for name in names) for names in sources):
        said = " or ".join(" and ".join(names) for names in sources)
        raise Failure(
            f"the pod has no identity to log in to its database with: {said} must be set. {remedy}"
        )
    return True


def token(host, port, user):
    """What logs the user in at this moment."""
    return WAYS[text(CLOUD)][0](host, port, user)


def aws_token(host, port, user):
    return rds_token(
        f"{host}:{port}", user, text(cloud_credentials.REGION), cloud_credentials.AWS.get()
    )


def azure_token(host, _port, _user):
    audience = next(url for end, url in AZURE_AUDIENCES.items() if host.endswith(end))
    return cloud_credentials.AZURE.get(audience)


def rds_token(address, user, region, keys):
    """An address that Signature Version 4 signed: nobody is asked for it."""
    key, secret, session = keys
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(cloud_credentials.clock()))
    scope = f"{moment[:8]}/{region}/{SERVICE}/aws4_request"
    query = {
        "Action": "connect",
        "DBUser": user,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{key}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(RDS_LIFETIME),
        "X-Amz-SignedHeaders": "host",
        **({"X-Amz-Security-Token": session} if session else {}),
    }
    # In the order of their names, which is another one than that above.
    signed = joined(sorted(query.items()))
    request = f"GET\n/\n{signed}\nhost:{address}\n\nhost\n{hashlib.sha256(b'').hexdigest()}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    signature = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
    made = f"AWS4{secret}".encode()
    for part in (*scope.split("/"), signature):
        made = hmac.new(made, part.encode(), hashlib.sha256).digest()
    return f"{address}/?{joined(query.items())}&X-Amz-Signature={made.hex()}"


def joined(pairs):
    return "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in pairs)


# By the cloud: what makes a token, variables of which the pod has one group, and what to do.
WAYS = {
    "aws": (
        aws_token,
        (
            ("AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
        ),
        "Run the commands of identity.txt, and then restart the pods",
    ),
    "azure": (
        azure_token,
        (("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"),),
        "Turn on workload identity for the cluster, and then restart the pods",
    ),
}


def main(_arguments):
    if not wanted():
        raise Failure(f"{CLOUD} is not set: the database has a password, or needs none")
    place = text("DATABASE_HOST"), text("DATABASE_PORT", "5432"), text("DATABASE_USER")
    try:
        print(token(*place))
    except Refused as refused:
        raise Failure(str(refused)) from None
    return 0


if __name__ == "__main__":
    run(main)
