import uuid
from typing import Any

from django.db import models, transaction
from django.db.models import F, Sum
from django.urls import reverse
from django.utils import timezone


class QuestionQuerySet(models.QuerySet["Question"]):
    def published(self) -> "QuestionQuerySet":
        return self.filter(published_at__lte=timezone.now())

    def with_total_votes(self) -> "QuestionQuerySet":
        return self.annotate(total_votes=Sum("choices__votes", default=0))


class Question(models.Model):
    text = models.CharField(max_length=200)
    published_at = models.DateTimeField(
        default=timezone.now, db_index=True, help_text="Visitors see the question from then on."
    )
    closes_at = models.DateTimeField(
        null=True, blank=True, help_text="No vote is accepted from then on; empty means never."
    )

    total_votes: int  # Only with_total_votes() fills it.

    objects = QuestionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("polls:detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.closes_at is None or timezone.now() < self.closes_at

    def results(self) -> dict[str, Any]:
        """The results as JSON has them. Needs with_total_votes()."""
        return {
            "question": self.text,
            "total_votes": self.total_votes,
            "choices": list(self.choices.values("id", "text", "votes")),
        }


class Choice(models.Model):
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="choices")
    text = models.CharField(max_length=200)
    votes = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "text"], name="unique_choice_of_question"),
        ]

    def __str__(self) -> str:
        return self.text

    def add_vote(self) -> None:
        """
        Count one vote and record when it was cast: both happen, or neither.

        The database does the sum. Had Python read the number, added one and written it back, two
        processes doing so at the same moment would have counted one vote between them.
        """
        with transaction.atomic():
            Choice.objects.filter(pk=self.pk).update(votes=F("votes") + 1)
            self.ballots.create()

    def add_vote_once(self, key: uuid.UUID) -> bool:
        """
        Count a vote that has a key of its own, unless it was counted before.

        Whoever is not sure whether a vote was counted may ask again: the key is unique, and the
        database refuses the second ballot, even when two processes ask at the same moment.
        """
        with transaction.atomic():
            _, is_new = Ballot.objects.get_or_create(key=key, defaults={"choice": self})
            if is_new:
                Choice.objects.filter(pk=self.pk).update(votes=F("votes") + 1)
        return is_new


class Ballot(models.Model):
    """One vote. Nothing in it says who cast it."""

    choice = models.ForeignKey(Choice, on_delete=models.CASCADE, related_name="ballots")
    cast_at = models.DateTimeField(default=timezone.now)
    key = models.UUIDField(
        null=True, unique=True, editable=False, help_text="Of votes that may arrive twice."
    )

    def __str__(self) -> str:
        return f"{self.choice} at {self.cast_at:%Y-%m-%d %H:%M}"
