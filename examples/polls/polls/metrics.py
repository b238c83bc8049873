"""What is counted about the polls, beside what django-prometheus measures of every request."""

from prometheus_client import Counter

VOTES = Counter("polls_votes", "Votes that were counted.")
