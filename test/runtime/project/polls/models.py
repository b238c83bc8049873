from django.db import models


class Question(models.Model):
    text = models.CharField(max_length=200)

    def __str__(self):
        return self.text


class Note(models.Model):
    id = models.AutoField(primary_key=True)
    text = models.TextField()
    author = models.CharField(max_length=50, null=True)
    stars = models.IntegerField(null=True, default=0)
    written = models.DateField(null=True, auto_now_add=True)
