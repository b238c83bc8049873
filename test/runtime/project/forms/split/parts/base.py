from mysite.settings import *  # noqa: F403
