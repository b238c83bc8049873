from django.db import models


class Step(models.Model):
    """What a task has written: that it began, and that it is done."""

    task = models.CharField(max_length=50)
    name = models.CharField(max_length=20)
    host = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
