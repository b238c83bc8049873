import json
from datetime import timedelta
from unittest.mock import patch

from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.test import AsyncClient, TestCase
from django.utils import timezone

from mysite.asgi import application
from polls.models import Question

from . import plain_static_files


class Visitor(ApplicationCommunicator):
    """A WebSocket of somebody who looks at the results of a question."""

    def __init__(self, question, origin="https://testserver"):
        scope = {
            "type": "websocket",
            "path": f"/{question.pk}/results/live/",
            "headers": [(b"origin", origin.encode())],
        }
        super().__init__(application, scope)

    async def connect(self):
        """Whether the WebSocket is accepted."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output())["type"] == "websocket.accept"

    async def say(self, text):
        await self.send_input({"type": "websocket.receive", "text": text})

    async def results(self):
        return json.loads((await self.receive_output())["text"])

    async def disconnect(self):
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait()


@plain_static_files
class LiveResultsTests(TestCase):
    def setUp(self):
        self.question = Question.objects.create(text="Tea?")
        self.yes = self.question.choices.create(text="Yes", votes=2)

    def expected(self, votes):
        return {
            "question": "Tea?",
            "total_votes": votes,
            "choices": [{"id": self.yes.pk, "text": "Yes", "votes": votes}],
        }

    async def vote(self):
        client = AsyncClient()
        await client.post(f"/{self.question.pk}/vote/", {"choice": self.yes.pk})

    async def test_are_sent_at_once_and_in_answer_to_a_message(self):
        visitor = Visitor(self.question)
        self.assertTrue(await visitor.connect())
        self.assertEqual(await visitor.results(), self.expected(votes=2))
        await visitor.say("again")
        self.assertEqual(await visitor.results(), self.expected(votes=2))
        await visitor.disconnect()

    async def test_are_sent_to_everybody_when_somebody_votes(self):
        visitors = [Visitor(self.question), Visitor(self.question)]
        for visitor in visitors:
            self.assertTrue(await visitor.connect())
            await visitor.results()
        await self.vote()
        for visitor in visitors:
            self.assertEqual(await visitor.results(), self.expected(votes=3))
            await visitor.disconnect()

    async def test_of_another_question_are_not_sent(self):
        other = await Question.objects.acreate(text="Coffee?")
        visitor = Visitor(other)
        self.assertTrue(await visitor.connect())
        await visitor.results()
        await self.vote()
        self.assertTrue(await visitor.receive_nothing())
        await visitor.disconnect()

    async def test_end_with_the_question(self):
        visitor = Visitor(self.question)
        self.assertTrue(await visitor.connect())
        await visitor.results()
        await sync_to_async(self.question.delete)()
        await visitor.say("again")
        self.assertEqual((await visitor.receive_output())["type"], "websocket.close")
        await visitor.disconnect()

    async def test_leave_nobody_in_the_group_who_has_gone(self):
        visitor = Visitor(self.question)
        self.assertTrue(await visitor.connect())
        await visitor.disconnect()
        self.assertEqual(get_channel_layer().groups, {})

    async def test_pages_of_other_sites_are_refused(self):
        visitor = Visitor(self.question, origin="https://evil.example.net")
        self.assertFalse(await visitor.connect())

    async def test_unpublished_questions_are_refused(self):
        tomorrow = timezone.now() + timedelta(days=1)
        later = await Question.objects.acreate(text="Later?", published_at=tomorrow)
        self.assertFalse(await Visitor(later).connect())

    async def test_a_vote_is_counted_when_they_cannot_be_announced(self):
        with (
            patch("polls.live.get_channel_layer", side_effect=OSError("no Redis")),
            self.assertLogs("polls.live", "ERROR"),
        ):
            await self.vote()
        await self.yes.arefresh_from_db()
        self.assertEqual(self.yes.votes, 3)

    async def test_are_asked_for_by_the_page_of_an_asgi_server_alone(self):
        path = f"/{self.question.pk}/results/"
        self.assertContains(await AsyncClient().get(path), 'data-live="live/"')
        page = await sync_to_async(self.client.get)(path)
        self.assertNotContains(page, "live")
