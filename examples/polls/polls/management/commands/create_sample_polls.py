from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from polls.models import Question

SAMPLES = {
    "Which day is best for a release?": ["Monday", "Wednesday", "Friday, of course"],
    "Where do you edit your templates?": ["Vim", "Emacs", "VS Code", "PyCharm"],
    "How does your team take its tea?": ["Black", "With milk", "We drink coffee"],
}


class Command(BaseCommand):
    help = "Makes a few questions to try the site with. Those that exist already stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        for text, choices in SAMPLES.items():
            with transaction.atomic():
                question, created = Question.objects.get_or_create(text=text)
                for choice in choices:
                    question.choices.get_or_create(text=choice)
            if created:
                self.stdout.write(self.style.SUCCESS(f"Made: {text}"))
            else:
                self.stdout.write(f"Exists: {text}")
