import logging
import time

from django.core.files.storage import default_storage
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse

from polls.models import Question


def metrics(request):
    return JsonResponse({"host": request.get_host(), "secure": request.is_secure()})


def questions(request):
    return HttpResponse(f"{Question.objects.count()} questions")


def log(request):
    try:
        raise ValueError("wrong\nvalue")
    except ValueError:
        logging.getLogger("polls").exception("it is %s", "broken", extra={"order": 7})
    return HttpResponse("logged")


def form(request):
    return HttpResponse("posted" if request.method == "POST" else get_token(request))


def slow(request):
    time.sleep(float(request.GET["seconds"]))
    return HttpResponse("slow")


def address(request):
    return HttpResponse(request.META["REMOTE_ADDR"])


def paths(request):
    return JsonResponse(
        {
            "path": request.path,
            "info": request.path_info,
            "link": reverse("questions"),
            "static": static("polls.css"),
            "media": default_storage.url("a.png"),
        }
    )
