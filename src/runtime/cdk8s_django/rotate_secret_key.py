"""python -m cdk8s_django.rotate_secret_key SECRET_NAME [--prepare] [--keep N]

Makes a new secret-key; the old one goes to the front of secret-key-fallbacks, so that
sessions go on. While pods of both kinds run, those that have not restarted yet do not know the
new key. --prepare, a rollout earlier, tells it to every pod as a fallback first.
"""

import argparse

from cdk8s_django.errors import Failure, run
from cdk8s_django.kubernetes import change, new_secret_key


def main(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.rotate_secret_key")
    parser.add_argument("secret")
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--keep", type=int, default=5, help="fallbacks to keep")
    options = parser.parse_args(arguments)

    def prepare(values):
        if values.get("secret-key-next"):
            return {}
        fallbacks = values.get("secret-key-fallbacks", "").split()
        new = new_secret_key()
        return {"secret-key-next": new, "secret-key-fallbacks": "\n".join([*fallbacks, new])}

    def rotate(values):
        old = values.get("secret-key")
        if not old:
            raise Failure(
                f"Secret '{options.secret}' has no secret-key to rotate: delete the Job that fills "
                f"it ({options.secret}-secret-…) and apply again"
            )
        new = values.get("secret-key-next") or new_secret_key()
        fallbacks = [key for key in values.get("secret-key-fallbacks", "").split() if key != new]
        changes = {
            "secret-key": new,
            "secret-key-fallbacks": "\n".join([old, *fallbacks][: options.keep]),
        }
        if "secret-key-next" in values:
            changes["secret-key-next"] = ""
        return changes

    if options.prepare:
        made = change(options.secret, prepare)
        print("prepared: restart the pods, then rotate" if made else "prepared already")
    else:
        change(options.secret, rotate)
        print("rotated: restart the pods")
    return 0


if __name__ == "__main__":
    run(main)
