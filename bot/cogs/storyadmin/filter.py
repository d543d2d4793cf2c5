"""``/storyadmin filter add|remove|list|level|test``: what a server does not want in stories."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.cogs.storyadmin.permission import may_administer
from bot.errors import FilterWordUnusable
from bot.moderation import SERVER_WORD_LENGTH, SERVER_WORD_LIMIT, Kind, Level, checked_word
from bot.sentences.filtering import REFUSALS
from bot.store import StoryStore
from bot.storytelling.moderator import Moderator
from bot.storytelling.storyteller import PROMPT_LENGTH
from bot.text import escaped

Interaction = discord.Interaction[Any]
Word = app_commands.Range[str, 1, SERVER_WORD_LENGTH]

LEVELS = {
    Level.OFF: "As strict as I am anyway",
    Level.EVERYONE: "Fit for everyone",
    Level.STRICT: "Strict: no mild swearing or mention of sex either",
}
"""What a server may choose, and how it reads. No choice makes it less strict than the bot."""
ADDED = "||{word}|| is in no story here from now on. Stories that are there already stay; they can't be posted again."
REMOVED = "||{word}|| may be in stories again."
NO_WORDS = "This server has no words of its own in the filter. What holds everywhere holds here."
PASSES = "This passes."
SUGGESTIONS = 25


class FilterCommands(app_commands.Group):
    """The subcommands; all answers are for whoever asks alone."""

    def __init__(self, store: StoryStore, moderator: Moderator) -> None:
        super().__init__(name="filter", description="Words that this server does not want in stories")
        self._store = store
        self._moderator = moderator

    @app_commands.command(name="add", description="Add a word or phrase; word* means any ending")
    @app_commands.describe(word="Letters and digits; a whole word, unless a * says otherwise")
    async def add(self, interaction: Interaction, word: Word) -> None:
        """Let no story here have a word."""
        await interaction.response.defer(ephemeral=True)
        guild_id = await may_administer(interaction)
        kept = _checked(word)
        await self._store.server_filters.add(guild_id, kept, by=interaction.user.id)
        await interaction.edit_original_response(content=ADDED.format(word=escaped(kept)))

    @app_commands.command(name="remove", description="Take a word out again")
    @app_commands.describe(word="A word of this server's filter")
    async def remove(self, interaction: Interaction, word: Word) -> None:
        """Let stories here have a word again; the built-in list stays."""
        await interaction.response.defer(ephemeral=True)
        guild_id = await may_administer(interaction)
        kept = _checked(word)
        await self._store.server_filters.remove(guild_id, kept, by=interaction.user.id)
        await interaction.edit_original_response(content=REMOVED.format(word=escaped(kept)))

    @app_commands.command(name="list", description="This server's words and how strict it is, for your eyes only")
    async def list_words(self, interaction: Interaction) -> None:
        """Show the words, hidden until they are clicked on."""
        await interaction.response.defer(ephemeral=True)
        own = await self._store.server_filters.of(await may_administer(interaction))
        words = " ".join(f"||{escaped(word)}||" for word in own.words)
        counted = f"{len(own.words)} of {SERVER_WORD_LIMIT} words" if own.words else NO_WORDS
        card = discord.Embed(title="What is in no story here", description=words or None)
        card.set_footer(text=f"{counted} · {LEVELS.get(own.level, LEVELS[Level.OFF])}")
        await interaction.edit_original_response(embed=card)

    @app_commands.command(name="level", description="How strict this server is; never less than the bot itself")
    @app_commands.describe(level="How much is not let through")
    @app_commands.choices(level=[app_commands.Choice(name=name, value=level.value) for level, name in LEVELS.items()])
    async def set_level(self, interaction: Interaction, level: str) -> None:
        """Choose how strict a server is."""
        await interaction.response.defer(ephemeral=True)
        guild_id = await may_administer(interaction)
        chosen = Level(level) if level in LEVELS else Level.OFF
        await self._store.server_filters.set_level(guild_id, chosen, by=interaction.user.id)
        await interaction.edit_original_response(content=f"This server is now: {LEVELS[chosen]}.")

    @app_commands.command(name="test", description="See whether a text would pass here")
    @app_commands.describe(text="Nobody else sees it, and it is not kept")
    async def test(self, interaction: Interaction, text: app_commands.Range[str, 1, PROMPT_LENGTH]) -> None:
        """Say whether a text passes, and if not, why."""
        await interaction.response.defer(ephemeral=True)
        text_filter = await self._moderator.filter_for(await may_administer(interaction))
        kind = text_filter.finds(text)
        answer = PASSES if kind is None else f"This does not pass: there is {REFUSALS[Kind(kind)]} in it."
        await interaction.edit_original_response(content=answer)

    @remove.autocomplete("word")
    async def _suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        words = (await self._store.server_filters.of(await may_administer(interaction))).words
        fitting = [word for word in words if typed.casefold() in word]
        return [app_commands.Choice(name=word, value=word) for word in fitting[:SUGGESTIONS]]


def _checked(typed: str) -> str:
    word = checked_word(typed)
    if word is None:
        raise FilterWordUnusable(SERVER_WORD_LENGTH)
    return word
