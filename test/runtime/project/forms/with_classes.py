"""django-configurations: a class for each environment."""

from configurations import Configuration, values

from mysite import settings


class Base(Configuration):
    locals().update({name: getattr(settings, name) for name in dir(settings) if name.isupper()})
    DEBUG = values.BooleanValue(True)
    ALLOWED_HOSTS = values.ListValue(["localhost"])


class Production(Base):
    FORM = "django-configurations"

    @property
    def GREETING(self):
        return f"of {self.FORM}"
