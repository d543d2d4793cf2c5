"""Going on with a story somewhere else or some other day: ``/continue``, ``/stories open`` and its button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.chosen_story import STORY_HINT, StoryChoice, deferred_as_private_as
from bot.controls import Press
from bot.controls.answers import PressAnswer
from bot.errors import PassageUnfinished
from bot.look.showing import Showing, original_answer, teller_of
from bot.store import PassageState, StoredStory, StoryStore
from bot.storytelling.access import refuse_withdrawn
from bot.storytelling.story_editor import StoryEditor
from bot.storytelling.storyteller import PROMPT_LENGTH, Storyteller

Interaction = discord.Interaction[Any]


class Continuing:
    """Brings a person's story to where they are."""

    def __init__(self, storyteller: Storyteller, editor: StoryEditor, store: StoryStore, showing: Showing) -> None:
        self._storyteller = storyteller
        self._store = store
        self._editor = editor
        self._showing = showing
        self._choice = StoryChoice(storyteller, store)
        self.answers: Mapping[Press, PressAnswer] = {Press.OPEN: self._open}

    async def show(self, interaction: Interaction, story: StoredStory) -> None:
        """Let the answer show where the person's own story ends, with its buttons. Raises StoryWithdrawn."""
        await refuse_withdrawn(self._store, teller_of(interaction), story.id)
        shown = await self._editor.shown(await self._choice.last_passage(story))
        if shown.passage.state is PassageState.WAITING:
            raise PassageUnfinished(shown.passage.id)
        if not story.private:
            await self._editor.admit_here(interaction.guild_id, story)
        await self._showing.stand(interaction.edit_original_response, shown)
        if shown.passage.channel_id is None or interaction.guild_id is not None:
            # In direct messages it stays where others saw it, or they could not branch from it any more.
            await self._showing.remember(shown.passage.id, await interaction.original_response())

    async def go_on(self, interaction: Interaction, story: StoredStory, text: str) -> None:
        """Let the answer show how the model goes on with the person's own story, after their text if there is one."""
        passage_id = await self._choice.last_passage(story)
        telling = await self._storyteller.go_on(teller_of(interaction), passage_id, text)
        await self._showing.grow(telling, original_answer(interaction))

    async def _open(self, interaction: Interaction, story_id: int, _page: int) -> None:
        finding = self._storyteller.story_of(interaction.user.id, story_id)
        await self.show(
            interaction,
            await deferred_as_private_as(interaction, finding, self._storyteller.gate.admit(teller_of(interaction))),
        )


class ContinueCog(commands.Cog):
    """``/continue``."""

    def __init__(self, storyteller: Storyteller, editor: StoryEditor, store: StoryStore, showing: Showing) -> None:
        self._gate = storyteller.gate
        self._choice = StoryChoice(storyteller, store)
        self._continuing = Continuing(storyteller, editor, store, showing)

    @app_commands.command(name="continue", description="Go on with one of your stories, here")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(story=STORY_HINT, text="What happens next, in your words; I write on from there")
    async def go_on(
        self, interaction: Interaction, story: str, text: app_commands.Range[str, 0, PROMPT_LENGTH] = ""
    ) -> None:
        """Write the next passage of a story."""
        finding = self._choice.chosen(interaction.user.id, story)
        found = await deferred_as_private_as(interaction, finding, self._gate.admit_telling(teller_of(interaction)))
        await self._continuing.go_on(interaction, found, text)

    @go_on.autocomplete("story")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await self._choice.suggestions(interaction.user.id, typed)
