"""The buttons with which a person goes about in a story: Continue, Retry, Stop, Undo, Redo, versions, Branch, More."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.controls import Press, passage_view
from bot.controls.answers import PressAnswer
from bot.errors import PassageUnfinished
from bot.look.showing import Showing, is_private, new_message, original_answer, teller_of
from bot.store import PassageState, StoryStore
from bot.storytelling.story_editor import ShownPassage, StoryEditor
from bot.storytelling.storyteller import Storyteller

Interaction = discord.Interaction[Any]

YOUR_COPY = "This copy is yours; the story that it came from stays as it is."

ONLY_YOU = "Only you see it; Share, under More, shows it to others."


class StoryControls:
    """Answers buttons. The number that comes with a press is a passage's id; nothing else is remembered."""

    def __init__(self, storyteller: Storyteller, editor: StoryEditor, store: StoryStore, showing: Showing) -> None:
        self._storyteller = storyteller
        self._editor = editor
        self._store = store
        self._showing = showing
        self.answers: Mapping[Press, PressAnswer] = {
            Press.CONTINUE: self._continue,
            Press.RETRY: self._retry,
            Press.STOP: self._stop,
            Press.UNDO: self._undo,
            Press.REDO: self._redo,
            Press.VERSION: self._show_version,
            Press.PLACE: self._show_less,
            Press.BRANCH: self._branch,
            Press.MORE: self._show_more,
            Press.LESS: self._show_less,
        }

    async def _continue(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        telling = await self._storyteller.go_on(teller_of(interaction), passage_id)
        answer = new_message(interaction, private=is_private(interaction, telling.story))
        await self._showing.grow(telling, answer)

    async def _retry(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        telling = await self._storyteller.retry(teller_of(interaction), passage_id)
        await self._showing.grow(telling, original_answer(interaction), before=passage_id)

    async def _stop(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        edit = interaction.edit_original_response
        if self._storyteller.stop(interaction.user.id, passage_id) and self._showing.renew(passage_id, edit):
            return  # whoever shows the passage shows its end
        # Nothing runs any more, for example after a restart: bring the old message up to date.
        await self._showing.stand(edit, await self._own(interaction, passage_id))

    async def _undo(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        shown = await self._editor.undo(interaction.user.id, passage_id)
        await self._showing.stand(interaction.edit_original_response, shown)

    async def _redo(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        shown = await self._editor.redo(interaction.user.id, passage_id)
        await self._showing.stand(interaction.edit_original_response, shown)

    async def _show_version(self, interaction: Interaction, passage_id: int, place: int) -> None:
        await interaction.response.defer()
        shown = await self._editor.show_version(interaction.user.id, passage_id, place)
        await self._showing.stand(interaction.edit_original_response, shown)

    async def _branch(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await interaction.response.defer()
        source = await self._editor.shown(passage_id)
        private = is_private(interaction, source.story)
        copy = await self._editor.branch(teller_of(interaction), passage_id, private)
        note = f"{YOUR_COPY} {ONLY_YOU}" if private and not source.story.private else YOUR_COPY
        await self._showing.stand_anew(interaction, copy, private=private, note=note)

    async def _show_more(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await self._unfold(interaction, passage_id, more=True)

    async def _show_less(self, interaction: Interaction, passage_id: int, _page: int) -> None:
        await self._unfold(interaction, passage_id, more=False)

    async def _unfold(self, interaction: Interaction, passage_id: int, *, more: bool) -> None:
        """Change only the buttons: whatever else the message says stays."""
        await interaction.response.defer()
        shown = await self._own(interaction, passage_id)
        archive = more and await self._store.archives.channel_of(interaction.guild_id or 0) is not None
        await interaction.edit_original_response(view=passage_view(shown, more=more, archive=archive))

    async def _own(self, interaction: Interaction, passage_id: int) -> ShownPassage:
        """Give a passage of the person's own story that has ended."""
        shown = await self._editor.shown(passage_id)
        await self._storyteller.story_of(interaction.user.id, shown.story.id)
        if shown.passage.state is PassageState.WAITING:
            raise PassageUnfinished(passage_id)
        return shown
