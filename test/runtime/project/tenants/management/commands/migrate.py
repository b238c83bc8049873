"""Like that of django-tenants: it migrates a schema for each tenant after the public one."""

import os

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections


class Command(Migrate):
    def handle(self, *args, **options):
        super().handle(*args, **options)
        with connections[options["database"]].cursor() as cursor:
            for name in ("anna", "boris"):
                if name == os.environ.get("TEST_FAILING_TENANT"):
                    raise CommandError(f"the schema of tenant {name} cannot be migrated")
                if name == os.environ.get("TEST_DYING_TENANT"):
                    os._exit(137)
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {name}")
                self.stdout.write(f"migrated tenant {name}")
