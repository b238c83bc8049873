"""python -m cdk8s_django.generate_secret SECRET_NAME KEY=KIND [KEY=KIND ...]

Fills the missing keys of a Secret, once. KIND is password (32 letters and digits) or
secret-key (64 URL-safe characters). A key that has a value keeps it for ever.
"""

import argparse

from cdk8s_django.errors import Failure, run
from cdk8s_django.kubernetes import change, new_password, new_secret_key

KINDS = {"password": new_password, "secret-key": new_secret_key}


def main(arguments):
    parser = argparse.ArgumentParser(prog="cdk8s_django.generate_secret")
    parser.add_argument("secret")
    parser.add_argument("keys", nargs="+", metavar="KEY=KIND")
    options = parser.parse_args(arguments)
    wanted = {}
    for pair in options.keys:
        key, _, kind = pair.partition("=")
        if kind not in KINDS:
            raise Failure(f"'{pair}': the kind must be password or secret-key")
        wanted[key] = KINDS[kind]

    def make(values):
        return {key: new() for key, new in wanted.items() if not values.get(key)}

    made = change(options.secret, make)
    if made:
        print(f"Secret '{options.secret}': generated {', '.join(made)}", flush=True)
    else:
        print(f"Secret '{options.secret}': complete already, nothing changed", flush=True)
    return 0


if __name__ == "__main__":
    run(main)
