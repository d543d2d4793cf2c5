"""Who answers which button and which form, and what strangers are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import discord

from bot.controls.form import Form, SubmittedForm, submitted_form
from bot.controls.presses import Press
from bot.controls.story_forms import TEXT
from bot.controls.views import stranger_view
from bot.errors import NotYours, UnknownButton
from bot.replies import answer_error, say

PressAnswer = Callable[[discord.Interaction[Any], int, int], Any]
"""Answers a press: the interaction, the id and the page that the button carries."""
FormAnswer = Callable[[discord.Interaction[Any], SubmittedForm], Any]

NOT_YOURS = "This is somebody else's story. Branch gives you a copy of your own, to go on as you like."

_OWNERS = frozenset(
    {
        *(Press.CONTINUE, Press.RETRY, Press.UNDO, Press.REDO, Press.VERSION, Press.PLACE, Press.WRITE),
        *(Press.MORE, Press.LESS, Press.EDIT, Press.RENAME, Press.GENRE, Press.MEMORY, Press.SHARE),
        *(Press.ARCHIVE, Press.ASK_DELETE, Press.DELETE_HERE, Press.KEEP_HERE),
    }
)
"""What only a story's owner may press, on a passage that a reader may take a copy of."""

_WITH_WORDS = frozenset({Form.WRITE, Form.EDIT, Form.MEMORY, Form.TURN})
"""Forms into which people type what they would not like to type again; what goes wrong with them is said in private."""


class Answers:
    """The answers to everything that can be pressed or sent; the bot's client has one."""

    def __init__(
        self, presses: Iterable[Mapping[Press, PressAnswer]], forms: Iterable[Mapping[Form, FormAnswer]]
    ) -> None:
        self._presses = {press: answer for some in presses for press, answer in some.items()}
        self._forms = {form: answer for some in forms for form, answer in some.items()}

    async def pressed(self, interaction: discord.Interaction[Any], press: Press, number: int, page: int) -> None:
        """Answer a button. Raises what went wrong, but for a stranger, who gets a Branch of their own."""
        if press not in self._presses:
            raise UnknownButton
        try:
            await self._presses[press](interaction, number, page)
        except NotYours:
            if press not in _OWNERS:
                raise
            await say(interaction, NOT_YOURS, view=stranger_view(number))

    async def submitted(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a form of ours, also one that was opened before a restart; other interactions are left alone."""
        form = submitted_form(interaction)
        if form is None:
            return
        answer: FormAnswer = self._forms.get(form.form, _unknown)
        try:
            await answer(interaction, form)
        except Exception as error:  # noqa: BLE001 - the last place where the person can be told
            await answer_error(interaction, error, words=form.text(TEXT) if form.form in _WITH_WORDS else "")


async def _unknown(_interaction: discord.Interaction[Any], _form: SubmittedForm) -> None:
    raise UnknownButton
