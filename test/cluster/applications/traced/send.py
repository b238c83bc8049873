import os
import uuid

from django.http import JsonResponse
from opentelemetry.trace import get_current_span

from polls.models import Choice
from polls.tasks import count_vote


def send(request):
    """Sends a vote by a task; the answer says which process did, in which trace."""
    count_vote.delay(Choice.objects.first().pk, str(uuid.uuid4()))
    trace = get_current_span().get_span_context().trace_id
    return JsonResponse({"process": os.getpid(), "trace": f"{trace:032x}"})
