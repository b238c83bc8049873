"""python -m cdk8s_django.manage COMMAND [ARGUMENT ...]

manage.py, whatever its name is in the image: applications look for it in sys.argv.
"""

import sys

from django.core.management import execute_from_command_line

from cdk8s_django import command_line

if __name__ == "__main__":
    command_line.of_management(*sys.argv[1:])
    execute_from_command_line(sys.argv)
