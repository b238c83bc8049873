"""The options that the plugin adds to `manage.py deploy`."""

import shlex

from django_simple_deploy.management.commands.utils.command_errors import DSDCommandError

from .plugin_config import plugin_config

PACKAGE = "cdk8s-django"
DISTRIBUTIONS = ["gke", "eks", "aks", "openshift", "upstream"]


def add_options(parser):
    group = parser.add_argument_group(title="Options for dsd-kubernetes")
    group.add_argument("--host", default="", help="The public host.")
    group.add_argument("--image", default="", help="The image, with registry and tag.")
    group.add_argument("--distribution", choices=DISTRIBUTIONS, help="Where it runs: upstream unless given.")
    group.add_argument("--init-options", default="", help="More options of `cdk8s-django init`, as one text.")
    group.add_argument("--cdk8s-django", default=PACKAGE, help="The package that npx runs, or its file.")


def take_options(options):
    """Turns what was given into options of `cdk8s-django init`, which checks them itself."""
    pairs = [
        ("--host", options["host"]),
        ("--image", options["image"]),
        ("--distribution", options["distribution"]),
        ("--name", options["deployed_project_name"]),
    ]
    try:
        more = shlex.split(options["init_options"])
    except ValueError as error:
        raise DSDCommandError(f"--init-options cannot be read: {error}.")
    plugin_config.package = options["cdk8s_django"]
    plugin_config.init_options = [word for name, value in pairs if value for word in (name, value)] + more
