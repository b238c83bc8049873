from io import StringIO

from django.core.management import call_command
from django.test import TestCase

from polls.management.commands.create_sample_polls import SAMPLES
from polls.models import Choice, Question


class CreateSamplePollsTests(TestCase):
    def run_command(self):
        out = StringIO()
        call_command("create_sample_polls", stdout=out)
        return out.getvalue()

    def test_makes_the_questions_with_their_choices(self):
        output = self.run_command()
        self.assertEqual(output.count("Made:"), len(SAMPLES))
        for text, choices in SAMPLES.items():
            question = Question.objects.published().get(text=text)
            self.assertQuerySetEqual(question.choices.values_list("text", flat=True), choices)

    def test_a_second_run_changes_nothing(self):
        self.run_command()
        Choice.objects.get(text="Wednesday").add_vote()
        before = list(Choice.objects.values_list("pk", "question", "votes"))
        output = self.run_command()
        self.assertEqual(output.count("Exists:"), len(SAMPLES))
        self.assertEqual(list(Choice.objects.values_list("pk", "question", "votes")), before)
        self.assertEqual(Question.objects.count(), len(SAMPLES))
