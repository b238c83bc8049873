"""The hooks that django-simple-deploy calls. It finds this module by its name."""

import django_simple_deploy

from . import cli, deployer
from .plugin_config import plugin_config


@django_simple_deploy.hookimpl
def dsd_get_plugin_config():
    return plugin_config


@django_simple_deploy.hookimpl
def dsd_get_plugin_cli(parser):
    cli.add_options(parser)


@django_simple_deploy.hookimpl
def dsd_validate_cli(options):
    cli.take_options(options)


@django_simple_deploy.hookimpl
def dsd_deploy():
    deployer.deploy()
