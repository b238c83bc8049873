"""Whether this Job belongs to the release that the cluster runs at present.

The application's ConfigMap names the Jobs of the present release that run once: its migration and
its commands. Applying another release changes these names first, so it is the one place that
tells. A program that no such Job runs asks nobody.
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

    def named_jobs(self):
        path = "/api/v1/namespaces/{namespace}/configmaps/" + self.config_map
        try:
            found = self.server.request("GET", f"ConfigMap '{self.config_map}'", path)
        except Missing:
            return []
        data = found.get("data") or {}
        named = [
            data.get("CDK8S_DJANGO_MIGRATION"),
            *data.get("CDK8S_DJANGO_COMMANDS", "").split(","),
        ]
        return [name for name in named if name]

    def problem(self):
        """Why the Job must not do its work, or None."""
        if self.server is None:
            return None
        names = patiently("which release is present", self.named_jobs)
        if self.job in names:
            return None
        jobs = "Jobs" if len(names) > 1 else "Job"
        instead = f"names {jobs} {', '.join(names)}" if names else "names no migration Job"
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
