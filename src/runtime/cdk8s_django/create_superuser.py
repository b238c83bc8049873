"""python -m cdk8s_django.create_superuser: the first administrator, from the environment.

Idempotent: a user who exists already is left as it is, password and all. All or nothing: what
signal handlers add to the account is kept together with it or not at all.
"""

import os
import time

from cdk8s_django import command_line
from cdk8s_django.errors import Failure, reason, run, start_django
from cdk8s_django.release import PresentRelease

# Seconds that the database has to answer.
PATIENCE = 60


def main(_):
    PresentRelease().begin()
    command_line.of_management("createsuperuser")
    start_django()
    from django.contrib.auth import get_user_model
    from django.db import router

    model = get_user_model()
    users = model._default_manager
    name = username_of(model._meta.get_field(model.USERNAME_FIELD))
    password = os.environ.get("DJANGO_SUPERUSER_PASSWORD")
    if not password:
        raise Failure(
            "the password is empty: fill the key of the Secret that addSuperuser has as password, "
            "delete this Job and apply again"
        )
    await_database(router.db_for_write(model))
    if exists(users, name):
        print(f"superuser '{name}' exists already: nothing to do", flush=True)
        return 0
    others = [field for field in model.REQUIRED_FIELDS if field != model.USERNAME_FIELD]
    fields = {field: value_of(model._meta.get_field(field)) for field in others}
    create(users, **{model.USERNAME_FIELD: name}, **fields, password=password)
    print(f"superuser '{name}' created", flush=True)
    return 0


def exists(users, name):
    """Whether the account is there, also under the name that the manager made of the given one."""
    model = users.model
    names = {name}
    # The former changes each name, the latter those that are mail addresses in many managers.
    for owner, method in ((model, "normalize_username"), (users, "normalize_email")):
        change = getattr(owner, method, None)
        if change and isinstance(name, str):
            names |= {change(one) for one in names}
    if users.filter(**{f"{model.USERNAME_FIELD}__in": names}).exists():
        return True
    try:
        # Of a manager to which letters are the same in both cases.
        users.get_by_natural_key(name)
    except (AttributeError, model.DoesNotExist):
        return False
    return True


def await_database(alias):
    """On a busy node a name is not resolved now and then: a try of the Job is worth more."""
    from django.db import OperationalError, connections

    until = time.monotonic() + PATIENCE
    while True:
        try:
            return connections[alias].ensure_connection()
        except OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(2)


def create(users, **fields):
    from django.db import router, transaction

    made = None
    try:
        with transaction.atomic(using=router.db_for_write(users.model)):
            # Not by Django's command: that wants a mail address, though the model may leave it
            # blank.
            made = users.create_superuser(**fields)
    except Exception as error:
        # What transaction.on_commit was given comes after the account was kept.
        remove(users.model, getattr(made, "pk", None))
        raise Failure(
            f"{reason(error)}; the account was rolled back, and the next try makes it anew. What "
            "is not in this database (mails, files, other services) cannot be rolled back"
        ) from error


def remove(model, key):
    found = key and model._base_manager.filter(pk=key).first()
    if found:
        found.delete()


def username_of(field):
    """What one logs in with: the variable of that field, or the name that the program gave."""
    own = f"DJANGO_SUPERUSER_{field.name.upper()}"
    return value_of(field, own if os.environ.get(own) else "DJANGO_SUPERUSER_USERNAME")


def value_of(field, variable=None):
    """The value of a field of the user, whatever the model of the application has.

    The variables are those of Django's own command.
    """
    from django.core.exceptions import ValidationError

    variable = variable or f"DJANGO_SUPERUSER_{field.name.upper()}"
    text = os.environ.get(variable)
    if not text and not field.blank:
        raise missing(variable)
    if field.many_to_many:
        return [key.strip() for key in text.split(",")] if text else []
    if not text:
        return field.get_default()
    try:
        return field.clean(text, None)
    except ValidationError as error:
        raise Failure(f"environment variable '{variable}': {' '.join(error.messages)}") from None


def missing(variable):
    return Failure(
        f"environment variable '{variable}' is missing; give it by environment or "
        "secretEnvironment of the DjangoApp"
    )


if __name__ == "__main__":
    run(main)
