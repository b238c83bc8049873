"""Views that say where they have read."""

from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from polls.models import Note, Question


class OwnRouter:
    """Of an application: one model is always read from the primary."""

    def db_for_read(self, model, **hints):
        return "default" if model is Question else None


def answer(*authors):
    """Where notes are read, and which of them are there."""
    notes = list(Note.objects.filter(author__in=authors).order_by("pk"))
    database = Note.objects.all().db
    return JsonResponse({"database": database, "texts": [note.text for note in notes]})


def read(request):
    return answer(request.GET.get("author"))


async def read_async(request):
    return await sync_to_async(answer)(request.GET.get("author"))


@csrf_exempt
def write(request):
    author = request.GET["author"]
    before = Note.objects.all().db
    Note.objects.create(text="written", author=author)
    data = answer(author)
    data.headers["X-Before"] = before
    return data


def write_raw(request):
    before = Note.objects.all().db
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert Note.objects.all().db == before
        cursor.execute(
            "/* of the application */ INSERT INTO polls_note (text, author) VALUES ('raw', %s)",
            [request.GET["author"]],
        )
    data = answer(request.GET["author"])
    data.headers["X-Before"] = before
    return data


def update(request):
    """Writes what was read from a replica."""
    note = Note.objects.filter(author=request.GET["author"]).first()
    found = note._state.db
    note.text = "changed"
    note.save()
    data = answer(request.GET["author"])
    data.headers["X-Before"] = found
    return data


def in_transaction(request):
    with transaction.atomic():
        locked = Note.objects.select_for_update().filter(author=request.GET["author"])
        data = {"inside": Note.objects.all().db, "locked": len(locked), "lock": locked.db}
    return JsonResponse({**data, "after": Note.objects.all().db})


def session(request):
    request.session["seen"] = request.session.get("seen", 0) + 1
    return JsonResponse({"seen": request.session["seen"], "database": Note.objects.all().db})


def others(request):
    return JsonResponse({"own": Question.objects.all().db, "user": User.objects.all().db})


urlpatterns = [
    path("read/", read),
    path("read-async/", read_async),
    path("write/", write),
    path("write-raw/", write_raw),
    path("update/", update),
    path("transaction/", in_transaction),
    path("session/", session),
    path("others/", others),
    path("admin/", admin.site.urls),
]
