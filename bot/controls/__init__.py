"""What people press, choose and fill in: buttons, rows of buttons and forms. Each carries only ids."""

from bot.controls.button import StoryButton
from bot.controls.form import Form, SubmittedForm, open_form, submitted_form
from bot.controls.on_message import passage_shown_on, with_hearts
from bot.controls.presses import Press, Presses
from bot.controls.views import (
    delete_question_view,
    delete_view,
    format_view,
    passage_view,
    share_view,
    stop_view,
    stranger_view,
)

__all__ = [
    "Form",
    "Press",
    "Presses",
    "StoryButton",
    "SubmittedForm",
    "delete_question_view",
    "delete_view",
    "format_view",
    "open_form",
    "passage_shown_on",
    "passage_view",
    "share_view",
    "stop_view",
    "stranger_view",
    "submitted_form",
    "with_hearts",
]
