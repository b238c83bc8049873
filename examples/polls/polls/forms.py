from typing import Any

from django import forms

from .models import Question


class VoteForm(forms.Form):
    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only this question's answers are valid, whatever the request says.
        self.fields["choice"] = forms.ModelChoiceField(
            question.choices.all(),
            widget=forms.RadioSelect,
            label="Your answer",
            error_messages={
                "required": "Choose one of the answers first.",
                "invalid_choice": "That is not one of the answers to this question.",
            },
        )
