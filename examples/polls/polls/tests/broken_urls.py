"""A site whose only page fails."""

from django.urls import path


def fail(request):
    raise RuntimeError("on purpose")


urlpatterns = [path("", fail)]
