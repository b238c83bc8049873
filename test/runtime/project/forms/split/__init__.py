"""A package that imports its parts, and a part for the environment by its name."""

import importlib
import os

from .parts.base import *  # noqa: F403

globals().update(vars(importlib.import_module(f"{__name__}.parts.{os.environ['STAGE']}")))
