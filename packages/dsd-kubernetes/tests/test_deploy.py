"""`manage.py deploy` in a project of startproject, as a user runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = os.environ["CDK8S_DJANGO"]
HOST = ["--host", "shop.example.com", "--image", "registry.example.com/shop:1.0.0"]
COMMANDS = """\
docker build -t registry.example.com/shop:1.0.0 -f deploy/Containerfile .
docker push registry.example.com/shop:1.0.0
npm install --prefix deploy
npm run synth --prefix deploy
kubectl apply -f deploy/dist/upstream
kubectl -n shop rollout status deployment/shop
"""


def run(folder, *command, **environment):
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def git(folder, *words):
    done = run(folder, "git", "-c", "user.name=Anna", "-c", "user.email=anna@example.com", *words)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    assert run(folder, sys.executable, "-m", "django", "startproject", "shop", ".").returncode == 0
    (folder / "requirements.txt").write_text("Django\n")
    settings = folder / "shop/settings.py"
    settings.write_text(
        settings.read_text().replace("INSTALLED_APPS = [", "INSTALLED_APPS = [\n    'django_simple_deploy',")
    )
    (folder / ".gitignore").write_text("dsd_logs/\n__pycache__/\n")
    git(folder, "init", "-q")
    git(folder, "config", "user.name", "Anna")
    git(folder, "config", "user.email", "anna@example.com")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Begin")
    return folder


def deploy(folder, *options, **environment):
    return run(folder, sys.executable, "manage.py", "deploy", "--cdk8s-django", PACKAGE, *options, **environment)


@pytest.fixture
def programs(tmp_path):
    """Stand-ins of the programs that deploy: each notes how it was called, and fails where FAIL says so."""
    folder = tmp_path / "programs"
    folder.mkdir()
    log = tmp_path / "log"
    for name in ("docker", "npm", "kubectl"):
        program = folder / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> {log}\n[ "$FAIL" != "{name} $1" ] || exit 7\n', encoding="utf-8"
        )
        program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "log": log}


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


def test_it_writes_what_init_writes(project, tmp_path):
    done = deploy(project, *HOST)
    assert done.returncode == 0, done.stdout
    assert "Deployment target: Kubernetes" in done.stdout
    assert COMMANDS.splitlines()[0] in done.stdout
    assert "Commit the changes" in done.stdout
    # The same project, without the plugin.
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(project), str(other))
    git(other, "remote", "remove", "origin")
    (other / "requirements.txt").write_text((project / "requirements.txt").read_text())
    by_hand = run(other, "npx", "--yes", "--package", PACKAGE, "cdk8s-django", "init", *HOST)
    assert by_hand.returncode == 0, by_hand.stdout
    written, expected = files(project / "deploy"), files(other / "deploy")
    assert sorted(written) == sorted(expected)
    assert {name for name in written if written[name] != expected[name]} == set()
    assert (project / ".github/workflows/deploy.yml").read_text() == (other / ".github/workflows/deploy.yml").read_text()
    # Nothing is committed without --automate-all.
    assert git(project, "log", "--oneline").count("\n") == 1


def test_what_is_missing_ends_it_before_anything_is_written(project):
    done = deploy(project, "--host", "shop.example.com")
    assert done.returncode != 0
    assert "cdk8s-django init ended with 2" in done.stdout and "--image" in done.stdout
    assert not (project / "deploy").exists()


def test_it_writes_nothing_over(project):
    (project / "deploy").mkdir()
    (project / "deploy/main.ts").write_text("mine\n")
    git(project, "add", ".")
    git(project, "commit", "-qm", "Mine")
    done = deploy(project, *HOST)
    assert done.returncode != 0
    assert "deploy/main.ts" in done.stdout
    assert files(project / "deploy") == {"main.ts": b"mine\n"}


def test_more_options_reach_init(project):
    done = deploy(project, *HOST, "--distribution", "openshift", "--init-options", "--pipeline none --env STAGE=live")
    assert done.returncode == 0, done.stdout
    assert "Distribution.openshift(" in (project / "deploy/main.ts").read_text()
    assert not (project / ".github").exists()
    assert "STAGE: 'live'" in (project / "deploy/shop-chart.ts").read_text()


def test_options_that_cannot_be_read(project):
    done = deploy(project, *HOST, "--init-options", "--env 'A")
    assert done.returncode != 0
    assert "--init-options cannot be read: No closing quotation." in done.stdout


def test_without_node(project, tmp_path):
    # A folder with git alone.
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").symlink_to(subprocess.check_output(["which", "git"], text=True).strip())
    done = deploy(project, *HOST, PATH=str(folder))
    assert done.returncode != 0
    assert "Install Node.js 20 or newer" in done.stdout


def test_all_of_it(project, programs):
    done = deploy(project, *HOST, "--automate-all", "--e2e-testing", PATH=programs["PATH"])
    assert done.returncode == 0, done.stdout
    assert programs["log"].read_text() == COMMANDS
    assert "Configured project for deployment." in git(project, "log", "--format=%s")
    assert git(project, "status", "--porcelain") == ""
    assert "deploy/main.ts" in git(project, "ls-files")


def test_a_command_that_fails_is_the_last(project, programs):
    done = deploy(project, *HOST, "--automate-all", "--e2e-testing", PATH=programs["PATH"], FAIL="docker push")
    assert done.returncode != 0
    assert "The command ended with 7" in done.stdout
    assert programs["log"].read_text().splitlines() == COMMANDS.splitlines()[:2]


def test_values_of_secrets_are_the_users(project, programs):
    settings = project / "shop/settings.py"
    settings.write_text(
        settings.read_text() + "\nimport os\nSTRIPE_KEY = os.environ['STRIPE_KEY']\n", encoding="utf-8"
    )
    git(project, "commit", "-qam", "Demand a variable")
    done = deploy(project, *HOST, "--automate-all", "--e2e-testing", PATH=programs["PATH"], STRIPE_KEY="any")
    assert done.returncode != 0
    assert "Nothing was deployed" in done.stdout and "--from-literal=STRIPE_KEY=…" in done.stdout
    assert not programs["log"].exists()
