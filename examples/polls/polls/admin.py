from django.contrib import admin

from .models import Choice, Question


class ChoiceInline(admin.TabularInline):
    model = Choice
    extra = 3
    readonly_fields = ["votes"]


@admin.register(Question)
class QuestionAdmin(admin.ModelAdmin):
    inlines = [ChoiceInline]
    fields = ["text", "published_at", "closes_at"]
    list_display = ["text", "published_at", "closes_at", "open_for_votes"]
    list_filter = ["published_at", "closes_at"]
    search_fields = ["text", "choices__text"]
    date_hierarchy = "published_at"
    ordering = ["-published_at"]

    @admin.display(boolean=True)
    def open_for_votes(self, question: Question) -> bool:
        return question.is_open
