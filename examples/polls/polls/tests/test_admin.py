from django.contrib.auth import get_user_model
from django.test import TestCase
from django.urls import reverse

from polls.models import Question

from . import plain_static_files


@plain_static_files
class AdminTests(TestCase):
    def test_asks_for_a_password(self):
        response = self.client.get(reverse("admin:polls_question_changelist"))
        self.assertRedirects(response, "/admin/login/?next=/admin/polls/question/")

    def test_makes_a_question_and_its_choices_on_one_page(self):
        self.client.force_login(get_user_model().objects.create_superuser("editor"))
        response = self.client.post(
            reverse("admin:polls_question_add"),
            {
                "text": "Tea?",
                "published_at_0": "2025-01-01",
                "published_at_1": "12:00:00",
                "choices-TOTAL_FORMS": "2",
                "choices-INITIAL_FORMS": "0",
                "choices-0-text": "Yes",
                "choices-1-text": "No",
            },
        )
        self.assertRedirects(response, reverse("admin:polls_question_changelist"))
        question = Question.objects.get(text="Tea?")
        self.assertQuerySetEqual(question.choices.values_list("text", flat=True), ["Yes", "No"])

    def test_lists_questions_and_shows_votes_that_nobody_can_edit(self):
        self.client.force_login(get_user_model().objects.create_superuser("editor"))
        question = Question.objects.create(text="Tea?")
        question.choices.create(text="Yes", votes=41)
        response = self.client.get(reverse("admin:polls_question_changelist"), {"q": "Tea"})
        self.assertContains(response, "Tea?")
        response = self.client.get(reverse("admin:polls_question_change", args=[question.pk]))
        self.assertContains(response, "<p>41</p>", html=True)
        self.assertNotContains(response, 'name="choices-0-votes"')
