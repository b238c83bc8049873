"""dynaconf: a file and variables, in an object that replaces django.conf.settings."""

import dynaconf

from mysite.settings import *  # noqa: F403

settings = dynaconf.DjangoDynaconf(
    __name__, settings_files=["dynaconf_settings.toml"], environments=True, env_switcher="STAGE"
)
