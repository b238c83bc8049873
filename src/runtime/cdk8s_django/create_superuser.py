"""python -m cdk8s_django.create_superuser: the first administrator, from the environment.

Idempotent: a user who exists already is left as it is, password and all.
"""

import os

from cdk8s_django.errors import Failure, run, start_django


def main(_):
    start_django()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    user = get_user_model()
    # The names of Django's own command, so that applications with a user model of their own
    # need no other.
    variable = f"DJANGO_SUPERUSER_{user.USERNAME_FIELD.upper()}"
    name = os.environ.get(variable)
    for needed in (variable, "DJANGO_SUPERUSER_PASSWORD"):
        if not os.environ.get(needed):
            raise Failure(f"environment variable '{needed}' is missing")
    if user._default_manager.filter(**{user.USERNAME_FIELD: name}).exists():
        print(f"superuser '{name}' exists already: nothing to do", flush=True)
        return 0
    call_command("createsuperuser", interactive=False, verbosity=0)
    print(f"superuser '{name}' created", flush=True)
    return 0


if __name__ == "__main__":
    run(main)
