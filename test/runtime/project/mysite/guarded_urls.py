"""An application that answers for paths which the overlay could take for its own."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseForbidden
from django.urls import include, path, re_path

from mysite.urls import urlpatterns as plain


def refuse(request, **_):
    return HttpResponseForbidden()


urlpatterns = [
    *plain,
    path("media/<name>.pdf", login_required(lambda request, name: HttpResponse(name))),
    path("media/", include([re_path(r"^(?P<name>.*\.gz)$", refuse)])),
    re_path(r"^readyz/?$", refuse),
    path("static/private/<name>", refuse),
    path("livez/", refuse),
]
