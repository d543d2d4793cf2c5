"""The forms of stories: who may open them, and what happens when they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import discord

from bot.cogs.discretion import is_refused
from bot.controls import Form, Press, SubmittedForm, open_form, story_forms
from bot.controls.answers import FormAnswer, PressAnswer
from bot.controls.story_forms import GENRE, LEAVE_IT, TEXT, THEN
from bot.errors import EmptyText
from bot.look.showing import Showing, is_private, new_message, original_answer, teller_of
from bot.store import Passage, StoredStory, StoryStore
from bot.storytelling.story_editor import StoryEditor
from bot.storytelling.storyteller import Storyteller
from storygen.prompt import clean_text

Interaction = discord.Interaction[Any]

KEPT = "I keep this in mind for every passage from now on."
FORGOTTEN = "I no longer keep anything in mind for this story."
REPORTED = "Thank you. Those who look after this bot will read it."
REPORTED_HERE = "Thank you. Those who run this server will read it; who reported it they are not told."


class StoryForms:
    """Opens forms, which must be the first answer and so take one look at the database only, and answers them."""

    def __init__(self, storyteller: Storyteller, editor: StoryEditor, store: StoryStore, showing: Showing) -> None:
        self._storyteller = storyteller
        self._editor = editor
        self._store = store
        self._showing = showing
        self.presses: Mapping[Press, PressAnswer] = {
            Press.WRITE: self._opens(lambda _, passage: story_forms.write_form(passage)),
            Press.EDIT: self._opens(lambda _, passage: story_forms.edit_form(passage)),
            Press.RENAME: self._opens(story_forms.rename_form),
            Press.MEMORY: self._opens(story_forms.memory_form),
            Press.GENRE: self._opens(
                lambda story, passage: story_forms.genre_form(story, passage, self._storyteller.genres)
            ),
            Press.REPORT: self._open_report,
        }
        self.answers: Mapping[Form, FormAnswer] = {
            Form.WRITE: self._write,
            Form.EDIT: self._edit,
            Form.RENAME: self._rename,
            Form.GENRE: self._change_genre,
            Form.MEMORY: self._remember,
            Form.REPORT: self._report,
            Form.BEGIN: self._begin,
        }

    def _opens(self, make: Callable[[StoredStory, Passage], discord.ui.Modal]) -> PressAnswer:
        """Give an answer that opens a form about a passage, for its owner."""

        async def answer(interaction: Interaction, passage_id: int, _page: int) -> None:
            passage = await self._store.passage(passage_id)
            story = await self._storyteller.story_of(interaction.user.id, passage.story_id)
            await open_form(interaction, make(story, passage))

        return answer

    async def _open_report(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await open_form(interaction, story_forms.report_form(passage_id))

    async def _write(self, interaction: Interaction, form: SubmittedForm) -> None:
        await interaction.response.defer()
        teller, text = teller_of(interaction), form.text(TEXT)
        if form.text(THEN) == LEAVE_IT:
            shown = await self._editor.write(teller, form.number, text)
            await self._showing.stand_anew(interaction, shown, private=is_private(interaction, shown.story))
            return
        if not clean_text(text, self._storyteller.genres):
            raise EmptyText
        telling = await self._storyteller.go_on(teller, form.number, text)
        answer = new_message(interaction, private=is_private(interaction, telling.story))
        await self._showing.grow(telling, answer)

    async def _edit(self, interaction: Interaction, form: SubmittedForm) -> None:
        await interaction.response.defer()
        await self._storyteller.gate.admit(teller_of(interaction))
        shown = await self._editor.edit(interaction.user.id, form.number, form.text(TEXT), here=interaction.guild_id)
        await self._showing.stand(interaction.edit_original_response, shown)

    async def _rename(self, interaction: Interaction, form: SubmittedForm) -> None:
        await interaction.response.defer()
        await self._storyteller.gate.admit(teller_of(interaction))
        story_id = (await self._store.passage(form.number)).story_id
        await self._editor.rename(interaction.user.id, story_id, form.text(TEXT), here=interaction.guild_id)
        await self._show_again(interaction, form.number)

    async def _change_genre(self, interaction: Interaction, form: SubmittedForm) -> None:
        await interaction.response.defer()
        story_id = (await self._store.passage(form.number)).story_id
        await self._editor.change_genre(interaction.user.id, story_id, form.text(GENRE))
        await self._show_again(interaction, form.number)

    async def _remember(self, interaction: Interaction, form: SubmittedForm) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        story_id = (await self._store.passage(form.number)).story_id
        story = await self._editor.set_memory(interaction.user.id, story_id, form.text(TEXT), here=interaction.guild_id)
        await interaction.edit_original_response(content=KEPT if story.memory else FORGOTTEN)

    async def _report(self, interaction: Interaction, form: SubmittedForm) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._editor.report(teller_of(interaction), form.number, form.text(TEXT))
        await interaction.edit_original_response(content=REPORTED if interaction.guild_id is None else REPORTED_HERE)

    async def _begin(self, interaction: Interaction, form: SubmittedForm) -> None:
        refused = await is_refused(self._storyteller.gate.admit_telling(teller_of(interaction)))
        await interaction.response.defer(ephemeral=refused, thinking=True)
        teller = teller_of(interaction)
        telling = await self._storyteller.begin(teller, genre=form.text(GENRE), prompt=form.text(TEXT))
        await self._showing.grow(telling, original_answer(interaction))

    async def _show_again(self, interaction: Interaction, passage_id: int) -> None:
        await self._showing.stand(interaction.edit_original_response, await self._editor.shown(passage_id))
