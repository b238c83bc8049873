"""Whether this Job belongs to the release that the cluster runs at present.

The application's ConfigMap names the migration Job of the present release. Applying another
release changes that name first, so it is the one place that tells. A program that no Job runs
asks nobody.
"""

import time

from cdk8s_django.api_server import ApiServer, Missing, patiently
from cdk8s_django.environment import text
from cdk8s_django.errors import Failure

# An applier may write the Job shortly before the ConfigMap.
GRACE_SECONDS = 10


class ReleaseLeft(Failure):
    """Another release was applied. The Job fails at once by this code, and is not tried again."""

    exit_code = 79


class PresentRelease:
    def __init__(self):
        self.job = text("CDK8S_DJANGO_JOB")
        self.config_map = text("CDK8S_DJANGO_CONFIG_MAP")
        self.server = ApiServer() if self.job and self.config_map else None
        self.applied = 0

    def named_job(self):
        path = "/api/v1/namespaces/{namespace}/configmaps/" + self.config_map
        try:
            found = self.server.request("GET", f"ConfigMap '{self.config_map}'", path)
        except Missing:
            return None
        return (found.get("data") or {}).get("CDK8S_DJANGO_MIGRATION")

    def problem(self):
        """Why the Job must not migrate, or None."""
        if self.server is None:
            return None
        name = patiently("which release is present", self.named_job)
        if name == self.job:
            return None
        instead = f"names Job {name}" if name else "names no migration Job"
        return (
            f"Job {self.job} is of a release that is not the present one any more: "
            f"ConfigMap '{self.config_map}' {instead}"
        )

    def begin(self):
        """Before a try: the ConfigMap may come a moment after the Job."""
        deadline = time.monotonic() + GRACE_SECONDS
        why = self.problem()
        while why and time.monotonic() < deadline:
            time.sleep(1)
            why = self.problem()
        if why:
            raise ReleaseLeft(f"{why}. This try has changed nothing. {self.way_back()}")

    def before_migration(self, name):
        why = self.problem()
        if why:
            raise ReleaseLeft(
                f"{why}. It has applied {self.applied} migrations in this try, and does not apply "
                f"{name}. {self.way_back()}"
            )
        self.applied += 1

    def way_back(self):
        return (
            f"To release it again, delete the Job (kubectl delete job {self.job}) and apply its "
            "manifests"
        )
