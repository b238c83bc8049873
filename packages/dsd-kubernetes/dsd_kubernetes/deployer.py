"""Has cdk8s-django write the files, and deploys by the commands that it prints."""

import os
import re
import shlex
import shutil
import subprocess
import sys

from django_simple_deploy.management.commands.utils import plugin_utils
from django_simple_deploy.management.commands.utils.command_errors import DSDCommandError
from django_simple_deploy.management.commands.utils.plugin_utils import dsd_config

from .plugin_config import plugin_config


def deploy():
    plugin_utils.write_output("\nConfiguring project for deployment to Kubernetes...")
    printed = write_files()
    commands = next_commands(printed)
    if not dsd_config.automate_all:
        plugin_utils.write_output("\nCommit the changes, and run the commands above.")
        return
    # Values of Secrets are the user's: init prints an ellipsis in their place.
    if any("…" in command for command in commands):
        raise DSDCommandError("Nothing was deployed: fill in the values in these commands, and run them:\n" + "\n".join(commands))
    plugin_utils.commit_changes()
    for command in commands:
        run(command)


def write_files():
    """Runs `cdk8s-django init` in the folder of the repository, and shows and returns what it printed."""
    npx = shutil.which("npx")
    if not npx:
        raise DSDCommandError("npx was not found. Install Node.js 20 or newer, with npm.")
    package = plugin_config.package
    # npx runs elsewhere than the user, so a file needs its whole path.
    if os.path.exists(package):
        package = os.path.abspath(package)
    command = [npx, "--yes", "--package", package, "cdk8s-django", "init", *plugin_config.init_options]
    # Without a terminal it asks nothing: it names the option that is missing.
    done = subprocess.run(
        command,
        cwd=dsd_config.git_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    plugin_utils.write_output(done.stdout)
    if done.returncode:
        raise DSDCommandError(f"cdk8s-django init ended with {done.returncode}:\n{done.stderr.strip()}")
    return done.stdout


def next_commands(printed):
    """The commands below "Next" that `init` prints."""
    found = re.search(r"^Next\n((?:  .*\n)+)", printed, re.MULTILINE)
    if not found:
        raise DSDCommandError('cdk8s-django init did not print its commands below "Next".')
    return [line.strip() for line in found.group(1).splitlines()]


def run(command):
    plugin_utils.write_output(f"\n$ {command}")
    sys.stdout.flush()
    words = shlex.split(command, comments=True)
    program = shutil.which(words[0])
    if not program:
        raise DSDCommandError(f"{words[0]} was not found, which is needed for: {command}")
    code = subprocess.run([program, *words[1:]], cwd=dsd_config.git_path).returncode
    if code:
        raise DSDCommandError(f"The command ended with {code}, and those after it were not run: {command}")
