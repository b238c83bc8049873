"""Views of which metrics say something."""

import os

from django.urls import include, path

from mysite import urls
from polls import measured

many = [path(f"many/{n}", measured.ok, name=f"view-{n}") for n in range(1200)]
quoted = [path("quoted", measured.ok, name='a "quoted\\name"\n')]
urlpatterns = [
    *urls.urlpatterns,
    path("ok", measured.ok, name="ok"),
    path("unnamed/1", measured.ok),
    path("unnamed/2", measured.ok),
    path("space/", include(([path("ok", measured.ok, name="ok")], "space"))),
    path("breaks", measured.breaks, name="breaks"),
    path("answers/<int:status>", measured.answers, name="answers"),
    path("sleep", measured.sleep, name="sleep"),
    path("asleep", measured.asleep, name="asleep"),
    path("streams", measured.streams, name="streams"),
    path("cached", measured.cached, name="cached"),
    path("twice", measured.twice, name="twice"),
    path("nonsense", measured.nonsense, name="nonsense"),
    path("ends", measured.ends, name="ends"),
    *quoted,
    *(many if os.environ.get("TEST_MANY") else []),
]
