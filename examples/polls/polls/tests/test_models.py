from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest import mock

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import TestCase, TransactionTestCase, skipUnlessDBFeature
from django.utils import timezone

from polls.models import Ballot, Choice, Question


class QuestionTests(TestCase):
    def test_only_questions_whose_time_has_come_are_published(self):
        now = timezone.now()
        Question.objects.create(text="Tomorrow?", published_at=now + timedelta(days=1))
        past = Question.objects.create(text="Yesterday?", published_at=now - timedelta(days=1))
        self.assertQuerySetEqual(Question.objects.published(), [past])

    def test_total_votes_is_zero_without_choices(self):
        Question.objects.create(text="Silent?")
        self.assertEqual(Question.objects.with_total_votes().get().total_votes, 0)

    def test_total_votes_adds_up_the_choices(self):
        question = Question.objects.create(text="Tea?")
        question.choices.create(text="Yes", votes=2)
        question.choices.create(text="No", votes=3)
        self.assertEqual(Question.objects.with_total_votes().get().total_votes, 5)

    def test_is_open_until_it_closes(self):
        now = timezone.now()
        for closes_at, is_open in [
            (None, True),
            (now + timedelta(minutes=1), True),
            (now - timedelta(minutes=1), False),
        ]:
            with self.subTest(closes_at=closes_at):
                self.assertIs(Question(text="Open?", closes_at=closes_at).is_open, is_open)


class AddVoteTests(TestCase):
    def setUp(self):
        self.question = Question.objects.create(text="Tea?")
        self.choice = self.question.choices.create(text="Yes")

    def test_counts_the_vote_and_records_the_ballot(self):
        self.choice.add_vote()
        self.choice.refresh_from_db()
        self.assertEqual(self.choice.votes, 1)
        self.assertEqual(self.choice.ballots.count(), 1)

    def test_a_stale_instance_overwrites_nothing(self):
        first = Choice.objects.get(pk=self.choice.pk)
        second = Choice.objects.get(pk=self.choice.pk)
        first.add_vote()
        second.add_vote()
        self.choice.refresh_from_db()
        self.assertEqual(self.choice.votes, 2)

    def test_other_choices_keep_their_votes(self):
        other = self.question.choices.create(text="No", votes=7)
        self.choice.add_vote()
        other.refresh_from_db()
        self.assertEqual(other.votes, 7)

    def test_nothing_is_counted_when_the_ballot_cannot_be_recorded(self):
        with (
            mock.patch.object(Ballot, "save", side_effect=DatabaseError),
            self.assertRaises(DatabaseError),
        ):
            self.choice.add_vote()
        self.choice.refresh_from_db()
        self.assertEqual(self.choice.votes, 0)

    def test_a_question_has_no_choice_twice(self):
        with self.assertRaises(IntegrityError), transaction.atomic():
            self.question.choices.create(text="Yes")


class ConcurrentVotesTests(TransactionTestCase):
    # SQLite in memory gives every thread the same connection; PostgreSQL shows the real thing.
    @skipUnlessDBFeature("test_db_allows_multiple_connections")
    def test_no_vote_is_lost(self):
        choice = Question.objects.create(text="Tea?").choices.create(text="Yes")

        def vote(_):
            try:
                Choice.objects.get(pk=choice.pk).add_vote()
            finally:
                connection.close()

        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(vote, range(40)))

        choice.refresh_from_db()
        self.assertEqual(choice.votes, 40)
        self.assertEqual(choice.ballots.count(), 40)
