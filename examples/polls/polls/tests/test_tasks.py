import uuid

from django.test import TestCase

from polls.models import Ballot, Question
from polls.tasks import count_vote


class CountVoteTests(TestCase):
    def setUp(self):
        self.choice = Question.objects.create(text="Tea?").choices.create(text="Yes")

    def test_counts_a_vote_and_keeps_its_ballot(self):
        key = uuid.uuid4()
        count_vote.delay(self.choice.pk, str(key))
        self.choice.refresh_from_db()
        self.assertEqual(self.choice.votes, 1)
        self.assertEqual(Ballot.objects.get(key=key).choice, self.choice)

    def test_counts_it_once_however_often_the_task_is_delivered(self):
        key = str(uuid.uuid4())
        for _ in range(3):
            count_vote.delay(self.choice.pk, key)
        self.choice.refresh_from_db()
        self.assertEqual(self.choice.votes, 1)
        self.assertEqual(Ballot.objects.count(), 1)

    def test_counts_votes_without_a_key_each(self):
        self.choice.add_vote()
        self.choice.add_vote()
        self.choice.refresh_from_db()
        self.assertEqual(self.choice.votes, 2)
