"""What its cloud gives the identity of a pod: keys of AWS, tokens of Azure. Standard library."""

import calendar
import http.client
import importlib
import json
import os
import ssl
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

from cdk8s_django.environment import text
from cdk8s_django.masks import masked

# The region of the database, where the pod has none.
REGION = "CDK8S_DJANGO_DATABASE_REGION"
# Something new is asked for that many seconds before what there is ends.
EARLY = 300
# Seconds after which somebody who did not answer is asked again, while what there is still counts.
AGAIN = 10
# Seconds that an answer may take.
PATIENCE = 5
clock = time.time


class Refused(Exception):
    """The platform gave no token."""


class Kept:
    """What the platform gave, until shortly before it ends."""

    def __init__(self, ask):
        self.ask = ask
        self.lock = threading.Lock()
        self.value = None
        self.end = self.next = 0
        # A thread may hold the lock while its process forks.
        os.register_at_fork(after_in_child=self.unlock)

    def unlock(self):
        self.lock = threading.Lock()

    def get(self, *what):
        with self.lock:
            now = clock()
            if self.value is None or now >= self.next:
                try:
                    self.value, self.end = self.ask(*what)
                    self.next = max(self.end - EARLY, now)
                except Refused:
                    if self.value is None or now >= self.end:
                        raise
                    self.next = now + AGAIN
            return self.value


def aws_credentials():
    """Those of the role: by IRSA, or by the agent of EKS Pod Identity, as the SDKs of AWS do."""
    if text("AWS_ROLE_ARN"):
        return of_web_identity()
    file = text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    # The agent is on the node: no proxy is between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(
        text("AWS_CONTAINER_CREDENTIALS_FULL_URI"), headers={"Authorization": read(file)}
    )
    found = asked("the agent of EKS Pod Identity", request, json.loads, opener)
    return keys_of(found, "Token")


def of_web_identity():
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html"""
    region = text("AWS_REGION") or text(REGION)
    end = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": text("AWS_ROLE_ARN"),
        "RoleSessionName": text("AWS_ROLE_SESSION_NAME") or "cdk8s-django",
        "WebIdentityToken": read(text("AWS_WEB_IDENTITY_TOKEN_FILE")),
    }
    request = urllib.request.Request(
        text("AWS_ENDPOINT_URL_STS", f"https://sts.{region}.{end}"), data=urlencode(form).encode()
    )
    return keys_of(asked("AWS STS", request, of_xml), "SessionToken")


def of_xml(document):
    """The texts of a document by the names of their elements."""
    parser = importlib.import_module("xml.etree.ElementTree")
    try:
        found = parser.fromstring(document).iter()
        return {one.tag.rpartition("}")[2]: (one.text or "").strip() for one in found}
    except parser.ParseError as error:
        raise ValueError(str(error)) from None


def keys_of(found, session):
    keys = (found["AccessKeyId"], found["SecretAccessKey"], found[session])
    # With fractions of a second or without.
    end = time.strptime(found["Expiration"][:19], "%Y-%m-%dT%H:%M:%S")
    return keys, calendar.timegm(end)


def azure_credentials(audience):
    """https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow"""
    authority = text("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com").rstrip("/")
    form = {
        "grant_type": "client_credentials",
        "client_id": text("AZURE_CLIENT_ID"),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": read(text("AZURE_FEDERATED_TOKEN_FILE")),
        "scope": f"{audience}/.default",
    }
    url = f"{authority}/{text('AZURE_TENANT_ID')}/oauth2/v2.0/token"
    request = urllib.request.Request(url, data=urlencode(form).encode())
    found = asked("Microsoft Entra ID", request, json.loads)
    return found["access_token"], clock() + int(found["expires_in"])


def read(path):
    """The kubelet renews these files: they are read each time."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().strip()
    except OSError as error:
        raise Refused(f"the pod's own token cannot be read: {path}: {error.strerror}") from None


def asked(whom, request, of_text, opener=None):
    open_it = opener.open if opener else urllib.request.urlopen
    try:
        with open_it(request, timeout=PATIENCE) as response:
            return Answer(whom, of_text(response.read().decode()))
    except urllib.error.HTTPError as error:
        raise Refused(f"{whom} refuses the pod's identity: {error.code} {said(error)}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        why = getattr(error, "reason", error)
        if isinstance(why, ssl.SSLCertVerificationError):
            why = f"{why}. Does the image have the package ca-certificates?"
        raise Refused(f"{whom} did not give a token: {why}") from None


class Answer(dict):
    def __init__(self, whom, found):
        super().__init__(found)
        self.whom = whom

    def __missing__(self, name):
        raise Refused(f"{self.whom} gave an answer without {name}")


def said(error):
    """What an answer says of itself, in a line."""
    try:
        body = error.read().decode(errors="replace")
    except (OSError, http.client.HTTPException):
        body = ""
    for of_text in (json.loads, of_xml):
        try:
            found = of_text(body)
            body = found.get("error_description") or found.get("Message") or found["message"]
            break
        except (ValueError, AttributeError, KeyError):
            pass
    return masked(" ".join(str(body).split())[:300]) or error.reason


AWS = Kept(aws_credentials)
AZURE = Kept(azure_credentials)
