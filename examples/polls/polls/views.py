from typing import Any

from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import DetailView, ListView

from .forms import VoteForm
from .live import announce_results
from .metrics import VOTES
from .models import Question


class IndexView(ListView):
    template_name = "polls/index.html"
    context_object_name = "questions"
    paginate_by = 20

    def get_queryset(self) -> QuerySet[Question]:
        return Question.objects.published().with_total_votes().order_by("-published_at", "-pk")


class QuestionView(DetailView):
    template_name = "polls/detail.html"
    context_object_name = "question"

    def get_queryset(self) -> QuerySet[Question]:
        return Question.objects.published()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=VoteForm(question=self.object), **kwargs)


class ResultsView(DetailView):
    template_name = "polls/results.html"
    context_object_name = "question"

    def get_queryset(self) -> QuerySet[Question]:
        return Question.objects.published().with_total_votes().prefetch_related("choices")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # A WSGI server has no WebSockets: its pages do not ask for one.
        return super().get_context_data(live=isinstance(self.request, ASGIRequest), **kwargs)


@require_POST
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    question = get_object_or_404(Question.objects.published(), pk=pk)
    if not question.is_open:
        messages.error(request, "This poll is closed: your vote was not counted.")
        return redirect("polls:results", pk=pk)
    form = VoteForm(request.POST, question=question)
    if not form.is_valid():
        return render(request, "polls/detail.html", {"question": question, "form": form})
    form.cleaned_data["choice"].add_vote()
    VOTES.inc()
    announce_results(pk)
    messages.success(request, "Thank you, your vote was counted.")
    # A redirect after the POST, so that reloading the page does not vote a second time.
    return redirect("polls:results", pk=pk)


@require_safe
def results_json(request: HttpRequest, pk: int) -> JsonResponse:
    question = get_object_or_404(Question.objects.published().with_total_votes(), pk=pk)
    return JsonResponse(question.results())
