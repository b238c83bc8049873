"""A stand-in of what gives the pod's identity its tokens: EKS Pod Identity, STS and Entra ID."""

import contextlib
import http.server
import json
import threading
import time
from urllib.parse import parse_qs

KEYS = ("AKIAEXAMPLE", "secret/of+the=role", "session/of+the=role==")
XML = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{}</AccessKeyId>
<SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken><Expiration>{}</Expiration>
</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""
STS_ERROR = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>
<Type>Sender</Type><Code>AccessDenied</Code>
<Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message>
</Error></ErrorResponse>"""
ENTRA_ERROR = {
    "error": "unauthorized_client",
    "error_description": "AADSTS700213: No matching federated identity record found",
}


class Platform:
    """Its answers: `lifetime` seconds from `now` on. `given` is called with each token of Entra."""

    def __init__(self, folder):
        self.folder = folder
        self.requests = []
        self.refuses = False
        self.lifetime = 3600
        self.now = time.time
        self.given = lambda token: None
        self.number = 0
        (folder / "pod-token").write_text("the pod's own\n")

    def answer(self, path, headers, body):
        self.requests.append(path)
        if path == "/v1/credentials":
            if headers["Authorization"] != "the pod's own":
                return 401, {"message": "who is that?"}
            return 200, dict(
                zip(
                    ("AccessKeyId", "SecretAccessKey", "Token", "Expiration"),
                    (*KEYS, self.end()),
                )
            )
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if path == "/":
            assert form == {
                "Action": "AssumeRoleWithWebIdentity",
                "Version": "2011-06-15",
                "RoleArn": "arn:aws:iam::111122223333:role/polls",
                "RoleSessionName": "cdk8s-django",
                "WebIdentityToken": "the pod's own",
            }
            return (403, STS_ERROR) if self.refuses else (200, XML.format(*KEYS, self.end()))
        assert path == "/the-tenant/oauth2/v2.0/token"
        assert form == {
            "grant_type": "client_credentials",
            "client_id": "the-client",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": "the pod's own",
            "scope": "https://ossrdbms-aad.database.windows.net/.default",
        }
        if self.refuses:
            return 401, ENTRA_ERROR
        self.number += 1
        token = f"eyJ-token-{self.number}-" + "x'\\ " * 400
        self.given(token)
        return 200, {"access_token": token, "expires_in": self.lifetime, "token_type": "Bearer"}

    def end(self):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now() + self.lifetime))

    @property
    def base(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def variables(self, cloud):
        """What the webhooks of the platform put into a pod, and what the manifests do."""
        file = str(self.folder / "pod-token")
        return {
            "irsa": {
                "CDK8S_DJANGO_DATABASE_IDENTITY": "aws",
                "CDK8S_DJANGO_DATABASE_REGION": "eu-west-1",
                "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/polls",
                "AWS_WEB_IDENTITY_TOKEN_FILE": file,
                "AWS_REGION": "eu-central-1",
                "AWS_ENDPOINT_URL_STS": self.base,
            },
            "pod identity": {
                "CDK8S_DJANGO_DATABASE_IDENTITY": "aws",
                "CDK8S_DJANGO_DATABASE_REGION": "eu-west-1",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.base}/v1/credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file,
            },
            "azure": {
                "CDK8S_DJANGO_DATABASE_IDENTITY": "azure",
                "AZURE_CLIENT_ID": "the-client",
                "AZURE_TENANT_ID": "the-tenant",
                "AZURE_FEDERATED_TOKEN_FILE": file,
                "AZURE_AUTHORITY_HOST": f"{self.base}/",
            },
        }[cloud]


@contextlib.contextmanager
def platform_identity(folder):
    platform = Platform(folder)

    class Handler(http.server.BaseHTTPRequestHandler):
        def respond(self):
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            status, answer = platform.answer(self.path, self.headers, body)
            data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = respond

        def log_message(self, *_):
            pass

    platform.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=platform.server.serve_forever, daemon=True).start()
    yield platform
    platform.server.shutdown()
    platform.server.server_close()
