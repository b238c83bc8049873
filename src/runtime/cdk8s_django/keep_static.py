"""python -m cdk8s_django.keep_static: keeps the hashed static files of every release.

While two releases serve, a page of one may ask an instance of the other for a file that its image
has not. Each pod copies the files of its image to Django's default storage before it serves, and
FilesMiddleware looks there for what its own image has not. Nothing is deleted: a hashed name is
one content, so that releases share what did not change.
"""

import argparse
import hashlib
import logging
import os
import re
import shutil
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor, TimeoutError

from cdk8s_django import command_line
from cdk8s_django.errors import Failure, reason, run, start_django
from cdk8s_django.logs import note

# Of the default storage. Uploads are elsewhere, and only what lies here is served.
FOLDER = "_static"
# A name that ManifestStaticFilesStorage gives, and that leads out of no folder.
PART = r"[^/\\\x00-\x1f]+"
NAME = re.compile(rf"((?!\.\.?/){PART}/)*{PART}\.[0-9a-f]{{12}}\.[^/\\\x00-\x1f.]+")
LONGEST_NAME = 400
# Of a lookup, and how long there is none after one that failed: requests wait for nothing.
LOOKUP_SECONDS = 5
PAUSE_SECONDS = 30


def is_hashed(name):
    return len(name) <= LONGEST_NAME and NAME.fullmatch(name) is not None


class KeptStatic:
    """The files that other releases have copied."""

    def __init__(self):
        self.threads = ThreadPoolExecutor(4, "kept-static")
        self.paused_until = 0

    def read(self, name):
        """The content of a file, or None. A storage that is down has none."""
        if not is_hashed(name) or time.monotonic() < self.paused_until:
            return None
        lookup = self.threads.submit(read, name)
        try:
            return lookup.result(LOOKUP_SECONDS)
        except TimeoutError:
            lookup.cancel()
            why = f"no answer within {LOOKUP_SECONDS} seconds"
        except Exception as error:
            why = reason(error)
        self.paused_until = time.monotonic() + PAUSE_SECONDS
        logging.getLogger("cdk8s_django").warning(
            "static files of other releases are not found for %d seconds: %s", PAUSE_SECONDS, why
        )
        return None


def read(name):
    from django.core.files.storage import default_storage

    # Not every storage says by an exception of Django's that there is no such file.
    if not default_storage.exists(f"{FOLDER}/{name}"):
        return None
    with default_storage.open(f"{FOLDER}/{name}") as file:
        return file.read()


def files_of_image():
    """Name and path of the hashed static files of this image."""
    from django.conf import settings
    from django.contrib.staticfiles.storage import staticfiles_storage

    from cdk8s_django.url_prefixes import local_prefix

    if not local_prefix(settings.STATIC_URL):
        raise Failure(f"nothing to keep: another host serves {settings.STATIC_URL}")
    hashed = getattr(staticfiles_storage, "hashed_files", None)
    if not hashed:
        raise Failure(
            "nothing to keep: static files have no hashed names. Use ManifestStaticFilesStorage, "
            "or WhiteNoise's, and run collectstatic with it when the image is built"
        )
    paths = {name: staticfiles_storage.path(name) for name in hashed.values() if is_hashed(name)}
    return {name: path for name, path in sorted(paths.items()) if os.path.isfile(path)}


def keep(files):
    """Copies what the storage has not; returns the number of files."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    # One question for each further pod of a release instead of one for each file.
    digest = hashlib.sha256("\n".join(files).encode()).hexdigest()
    complete = f"{FOLDER}/releases/{digest}"
    if default_storage.exists(complete):
        return 0
    with ThreadPoolExecutor(8) as threads:
        copied = sum(threads.map(lambda name: keep_file(default_storage, name, files[name]), files))
    save(default_storage, complete, ContentFile(b"complete\n"))
    return copied


def keep_file(storage, name, path):
    from django.core.files import File

    kept = f"{FOLDER}/{name}"
    if storage.exists(kept):
        return 0
    with open(path, "rb") as file:
        save(storage, kept, File(file, name=name))
    return 1


def save(storage, name, content):
    """Saves a file so that nobody ever reads a part of it: browsers would keep that for ever."""
    try:
        path = storage.path(name)
    except NotImplementedError:
        saved = storage.save(name, content)
        # Another pod was first.
        if saved != name and storage.exists(name):
            storage.delete(saved)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    part = f"{path}.{uuid.uuid4().hex}"
    try:
        with open(part, "xb") as file:
            shutil.copyfileobj(content, file)
        os.replace(part, path)
    except BaseException:
        if os.path.exists(part):
            os.unlink(part)
        raise


def keep_patiently(files, patience):
    """Tries again for a while: a new pod may get its identity and its network some seconds late."""
    until = time.monotonic() + patience
    while True:
        try:
            return f"{keep(files)} of {len(files)} hashed static files copied", None
        except Exception as error:
            if time.monotonic() > until:
                return None, reason(error)
            time.sleep(1)


def main(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.keep_static", description=__doc__)
    parser.add_argument("--timeout", type=int, default=60, metavar="SECONDS")
    timeout = parser.parse_args(arguments).timeout
    # Whatever happens, the pod starts: it has its own files.
    done, failure = None, f"the storage takes longer than {timeout} seconds"
    try:
        command_line.of_management("collectstatic")
        start_django()
        files = files_of_image()
        outcomes = []
        work = threading.Thread(
            target=lambda: outcomes.append(keep_patiently(files, timeout / 6)), daemon=True
        )
        work.start()
        work.join(timeout)
        if outcomes:
            done, failure = outcomes[0]
    except Exception as error:
        failure = reason(error)
    if failure:
        note(f"static files are not kept for other releases: {failure}")
    else:
        print(done, flush=True)
    sys.stdout.flush()
    # A storage that does not answer must not hold the end of the process either.
    os._exit(0)


if __name__ == "__main__":
    run(main)
