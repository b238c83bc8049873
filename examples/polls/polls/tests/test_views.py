from datetime import timedelta

from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from prometheus_client import REGISTRY

from polls.models import Ballot, Question

from . import plain_static_files


@plain_static_files
class IndexViewTests(TestCase):
    def test_says_so_when_there_is_nothing(self):
        self.assertContains(self.client.get("/"), "There are no polls yet.")

    def test_lists_published_questions_with_their_votes(self):
        question = Question.objects.create(text="Tea?")
        question.choices.create(text="Yes", votes=1)
        question.choices.create(text="No", votes=2)
        response = self.client.get("/")
        self.assertContains(response, f'<a href="/{question.pk}/">Tea?</a>', html=True)
        self.assertContains(response, "3 votes")

    def test_unpublished_questions_are_hidden(self):
        Question.objects.create(text="Later?", published_at=timezone.now() + timedelta(days=1))
        self.assertNotContains(self.client.get("/"), "Later?")

    def test_a_long_list_has_pages_and_begins_with_the_newest(self):
        now = timezone.now()
        for age in range(21):
            Question.objects.create(text=f"Age {age}?", published_at=now - timedelta(days=age))
        first = self.client.get("/")
        self.assertEqual([q.text for q in first.context["questions"]][:2], ["Age 0?", "Age 1?"])
        self.assertContains(first, 'href="?page=2"')
        self.assertContains(self.client.get("/?page=2"), "Age 20?")

    def test_text_is_escaped(self):
        Question.objects.create(text="<script>alert(1)</script>")
        self.assertNotContains(self.client.get("/"), "<script>")


@plain_static_files
class QuestionViewTests(TestCase):
    def test_offers_every_choice(self):
        question = Question.objects.create(text="Tea?")
        choice = question.choices.create(text="With milk")
        response = self.client.get(question.get_absolute_url())
        self.assertContains(response, "With milk")
        self.assertContains(
            response,
            f'<input type="radio" name="choice" value="{choice.pk}" required id="id_choice_0">',
            html=True,
        )

    def test_a_closed_question_has_no_form(self):
        question = Question.objects.create(text="Tea?", closes_at=timezone.now())
        response = self.client.get(question.get_absolute_url())
        self.assertContains(response, "This poll is closed.")
        self.assertNotContains(response, "<form")


@plain_static_files
class UnpublishedQuestionTests(TestCase):
    def setUp(self):
        self.question = Question.objects.create(
            text="Later?", published_at=timezone.now() + timedelta(days=1)
        )
        self.choice = self.question.choices.create(text="Yes")

    def test_is_not_found(self):
        for name in ["detail", "results", "results_json"]:
            with self.subTest(view=name):
                response = self.client.get(reverse(f"polls:{name}", args=[self.question.pk]))
                self.assertEqual(response.status_code, 404)

    def test_takes_no_vote(self):
        url = reverse("polls:vote", args=[self.question.pk])
        response = self.client.post(url, {"choice": self.choice.pk})
        self.assertEqual(response.status_code, 404)
        self.assertFalse(Ballot.objects.exists())


@plain_static_files
class VoteTests(TestCase):
    def setUp(self):
        self.question = Question.objects.create(text="Tea?")
        self.choice = self.question.choices.create(text="Yes")
        self.url = reverse("polls:vote", args=[self.question.pk])
        self.results_url = reverse("polls:results", args=[self.question.pk])

    def votes(self):
        self.choice.refresh_from_db()
        return self.choice.votes

    def test_counts_and_shows_the_results(self):
        response = self.client.post(self.url, {"choice": self.choice.pk}, follow=True)
        self.assertRedirects(response, self.results_url)
        self.assertContains(response, "Thank you, your vote was counted.")
        self.assertContains(response, '<span class="votes">1 vote</span>', html=True)
        self.assertEqual(self.votes(), 1)

    def test_is_measured(self):
        before = REGISTRY.get_sample_value("polls_votes_total") or 0
        self.client.post(self.url, {"choice": self.choice.pk})
        self.assertEqual(REGISTRY.get_sample_value("polls_votes_total"), before + 1)

    def test_without_a_choice_asks_again(self):
        response = self.client.post(self.url)
        self.assertContains(response, "Choose one of the answers first.")
        self.assertEqual(self.votes(), 0)

    def test_choice_of_another_question_is_refused(self):
        other = Question.objects.create(text="Coffee?").choices.create(text="No")
        response = self.client.post(self.url, {"choice": other.pk})
        self.assertContains(response, "That is not one of the answers to this question.")
        self.assertFalse(Ballot.objects.exists())

    def test_nonsense_is_refused(self):
        for value in ["", "first", "-1", "9" * 30]:
            with self.subTest(choice=value):
                self.assertEqual(self.client.post(self.url, {"choice": value}).status_code, 200)
        self.assertEqual(self.votes(), 0)

    def test_get_is_not_allowed(self):
        self.assertEqual(self.client.get(self.url).status_code, 405)

    def test_needs_a_csrf_token(self):
        client = Client(enforce_csrf_checks=True)
        data = {"choice": str(self.choice.pk)}
        self.assertEqual(client.post(self.url, data).status_code, 403)
        self.assertEqual(self.votes(), 0)

        page = client.get(self.question.get_absolute_url())
        data["csrfmiddlewaretoken"] = str(page.context["csrf_token"])
        self.assertRedirects(client.post(self.url, data), self.results_url)
        self.assertEqual(self.votes(), 1)

    def test_a_closed_question_takes_no_vote(self):
        self.question.closes_at = timezone.now()
        self.question.save()
        response = self.client.post(self.url, {"choice": self.choice.pk}, follow=True)
        self.assertRedirects(response, self.results_url)
        self.assertContains(response, "This poll is closed: your vote was not counted.")
        self.assertEqual(self.votes(), 0)


@plain_static_files
class ResultsTests(TestCase):
    def setUp(self):
        self.question = Question.objects.create(text="Tea?")
        self.yes = self.question.choices.create(text="Yes", votes=2)
        self.no = self.question.choices.create(text="No")

    def test_page(self):
        response = self.client.get(reverse("polls:results", args=[self.question.pk]))
        self.assertContains(response, '<span class="votes">2 votes</span>', html=True)
        self.assertContains(response, '<span class="votes">0 votes</span>', html=True)
        self.assertContains(response, "2 votes in all")

    def test_json(self):
        response = self.client.get(reverse("polls:results_json", args=[self.question.pk]))
        self.assertEqual(
            response.json(),
            {
                "question": "Tea?",
                "total_votes": 2,
                "choices": [
                    {"id": self.yes.pk, "text": "Yes", "votes": 2},
                    {"id": self.no.pk, "text": "No", "votes": 0},
                ],
            },
        )


@plain_static_files
class ErrorPageTests(TestCase):
    def test_not_found(self):
        self.assertContains(self.client.get("/404/"), "Nothing is here", status_code=404)

    def test_server_error(self):
        self.client.raise_request_exception = False
        with self.settings(ROOT_URLCONF="polls.tests.broken_urls"):
            response = self.client.get("/")
        self.assertContains(response, "Something went wrong", status_code=500)
