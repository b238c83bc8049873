import uuid

from celery import shared_task

from polls.models import Choice


@shared_task(ignore_result=True)
def count_vote(choice_id: int, key: str) -> None:
    """
    Count a vote that came in by another way than the page: by post, by a file.

    A queue delivers a task at least once: after a crash, twice. The key makes the second time
    harmless.
    """
    Choice.objects.get(pk=choice_id).add_vote_once(uuid.UUID(key))
