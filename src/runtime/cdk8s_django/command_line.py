"""What applications see of how their process was started: they decide by sys.argv what they do.

It is what somebody would have written who starts the same program by hand. Standard library only.
"""

import os
import sys

MANAGE = "manage.py"


def program(name):
    """Where pip put the program that the image has."""
    return os.path.join(os.path.dirname(sys.executable), name)


def of_server(name, application, **options):
    """A web server's: as its documentation starts it."""
    words = [(f"--{key.replace('_', '-')}", str(value)) for key, value in options.items()]
    sys.argv = [program(name), *(word for pair in words for word in pair), application]


def of_management(command, *arguments):
    """That of a management command."""
    sys.argv = [MANAGE, command, *arguments]
