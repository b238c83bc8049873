"""Live results: whoever looks at the results of a question is sent them when they change."""

import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.generic.websocket import JsonWebsocketConsumer
from channels.layers import get_channel_layer

from .models import Question

log = logging.getLogger(__name__)


def group_of(pk: int) -> str:
    """The channel group of those who look at the results of a question."""
    return f"results-{pk}"


def announce_results(pk: int) -> None:
    """Have the results of a question sent to everybody who looks at them."""
    try:
        async_to_sync(get_channel_layer().group_send)(group_of(pk), {"type": "results.changed"})
    except Exception:
        # The vote is stored: that nobody sees it at once is no reason to refuse it.
        log.exception("the results of question %s could not be announced", pk)


class ResultsConsumer(JsonWebsocketConsumer):
    """Sends the results of a question at once, when they change, and in answer to any message."""

    def connect(self) -> None:
        pk = self.scope["url_route"]["kwargs"]["pk"]
        self.questions = Question.objects.published().filter(pk=pk)
        if not self.questions.exists():
            self.close()
            return
        self.accept()
        # Before the first results are read: a vote in between is sent once more, and never missed.
        async_to_sync(self.channel_layer.group_add)(group_of(pk), self.channel_name)
        self.send_results()

    def disconnect(self, code: int) -> None:
        pk = self.scope["url_route"]["kwargs"]["pk"]
        async_to_sync(self.channel_layer.group_discard)(group_of(pk), self.channel_name)

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        self.send_results()

    def results_changed(self, event: dict[str, Any]) -> None:
        self.send_results()

    def send_results(self) -> None:
        question = self.questions.with_total_votes().first()
        # Deleted, or published later after all.
        if question is None:
            self.close()
        else:
            self.send_json(question.results())
