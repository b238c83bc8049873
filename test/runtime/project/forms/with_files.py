"""Settings that read files: what a Secret mounts, and TOML or JSON of the image."""

import json
import os
from pathlib import Path

from mysite.settings import *  # noqa: F403

SECRET_KEY = Path(os.environ["KEY_FILE"]).read_text().strip()
globals().update(json.loads((Path(__file__).parent / "settings.json").read_text()))
