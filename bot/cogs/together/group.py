"""``/together start|join|leave|skip|pass|end|status``: a story told by several people of a server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.cogs.story import OPENING_NOTE
from bot.cogs.story_suggestions import GENRE_CHOICES, StoryChoices, genre_named
from bot.cogs.together.controls import manages
from bot.cogs.together.place import ARCHIVED_AFTER_MINUTES, THREAD_NAME_LENGTH, Place, place_for
from bot.look.screens import put
from bot.look.showing import teller_of
from bot.look.together_cards import intro_screen, status_card
from bot.replies import UNREACHABLE
from bot.store import BotPart, Circle, StoryStore, TurnOrder
from bot.storytelling.joining import first_words
from bot.storytelling.storyteller import PROMPT_LENGTH, Storyteller
from bot.storytelling.together.together import Together
from bot.storytelling.together.wish import FEWEST_PASSAGES, LONGEST_TURN, MOST_PASSAGES, SHORTEST_TURN, Wish
from storygen.genre import Genre

Interaction = discord.Interaction[Any]

ORDERS = [
    app_commands.Choice(name="Anyone", value=TurnOrder.ANYONE.value),
    app_commands.Choice(name="No double turns", value=TurnOrder.NO_DOUBLE_TURNS.value),
    app_commands.Choice(name="Round robin", value=TurnOrder.ROUND_ROBIN.value),
]
PARTS = [
    app_commands.Choice(name="When somebody asks", value=BotPart.ASKED.value),
    app_commands.Choice(name="After each of you", value=BotPart.BETWEEN.value),
]
NO_THREAD = "-# Discord did not let me make a thread, so we tell it right here."

log = logging.getLogger(__name__)

Begin = Callable[[Interaction, Wish, str], Coroutine[Any, Any, None]]


@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class TogetherCog(commands.GroupCog, group_name="together", group_description="Stories that several people tell"):
    """Stories told together. Answers are for the person's eyes; what all are to see stands in the story's place."""

    def __init__(self, together: Together, storyteller: Storyteller, store: StoryStore) -> None:
        self._together = together
        self._storyteller = storyteller
        self._store = store
        start = start_command(storyteller.genres, self._begin, StoryChoices(storyteller.genres, store))
        if self.app_command is not None:
            self.app_command.add_command(start)

    @app_commands.command(name="join", description="Take part in the story that is told here")
    async def join(self, interaction: Interaction) -> None:
        """Let the person take part."""
        circle = await self._here(interaction)
        await self._together.join(teller_of(interaction), circle.story_id)
        await interaction.edit_original_response(content=f"You take part in <#{circle.channel_id}>.")

    @app_commands.command(name="leave", description="Take part no more; what you wrote stays")
    async def leave(self, interaction: Interaction) -> None:
        """Let the person go."""
        circle = await self._here(interaction)
        await self._together.leave(teller_of(interaction), circle.story_id)
        await interaction.edit_original_response(content="You take part no more. What you wrote stays in the story.")

    @app_commands.command(name="skip", description="Pass over whoever has the turn, if you began the story")
    async def skip(self, interaction: Interaction) -> None:
        """Give the turn to the next."""
        circle = await self._here(interaction)
        teller = teller_of(interaction)
        await self._together.skip(teller, circle.story_id, circle.turn, manages=manages(interaction))
        await interaction.edit_original_response(content="The next one has the turn.")

    @app_commands.command(name="pass", description="Give your turn to the next")
    async def pass_on(self, interaction: Interaction) -> None:
        """Give the person's own turn to the next."""
        circle = await self._here(interaction)
        await self._together.pass_on(teller_of(interaction), circle.story_id, circle.turn)
        await interaction.edit_original_response(content="The next one has the turn.")

    @app_commands.command(name="end", description="End the story and post the whole of it, if you began it")
    async def end(self, interaction: Interaction) -> None:
        """End the story."""
        circle = await self._here(interaction)
        await self._together.end(teller_of(interaction), circle.story_id, manages=manages(interaction))
        await interaction.edit_original_response(content=f"It has ended. The whole story is in <#{circle.channel_id}>.")

    @app_commands.command(name="status", description="How far the story is, whose turn it is, who takes part")
    async def status(self, interaction: Interaction) -> None:
        """Say how far it is, and put the buttons back where they were lost."""
        circle = await self._here(interaction)
        story = await self._store.story(circle.story_id)
        await interaction.edit_original_response(embed=status_card(circle, story, self._storyteller.genres))
        await self._together.show_again(teller_of(interaction), circle.story_id)

    async def _here(self, interaction: Interaction) -> Circle:
        await interaction.response.defer(ephemeral=True)
        return await self._together.circle_in(teller_of(interaction))

    async def _begin(self, interaction: Interaction, wish: Wish, words: str) -> None:
        place = place_for(interaction)
        await interaction.response.defer(thinking=True)
        teller = teller_of(interaction)
        circle = await self._together.begin(teller, wish, words, in_channel=not place.new_thread)
        if not words.strip():
            place = replace(place, note=f"{place.note}\n-# {OPENING_NOTE}".strip())
        await self._open(interaction, circle, place)

    async def _open(self, interaction: Interaction, circle: Circle, place: Place) -> None:
        story = await self._store.story(circle.story_id)
        screen = intro_screen(circle, story, self._storyteller.genres, place.note)
        message = await put(interaction.edit_original_response, screen)
        channel_id = circle.channel_id
        if place.new_thread:
            try:
                name = first_words(story.title, THREAD_NAME_LENGTH)
                thread = await message.create_thread(name=name, auto_archive_duration=ARCHIVED_AFTER_MINUTES)
                channel_id = thread.id
            except UNREACHABLE as error:
                log.warning("story %d, told together, gets no thread: %s", story.id, error)
                note = intro_screen(circle, story, self._storyteller.genres, NO_THREAD)
                await put(interaction.edit_original_response, note)
        await self._together.settle_in(circle, channel_id)


def start_command(
    genres: tuple[Genre, ...], begin: Begin, choices: StoryChoices
) -> app_commands.Command[Any, ..., Any]:
    """Make ``/together start`` for the genres of a model."""

    @app_commands.command(name="start", description="Begin a story that several people tell, in a thread of its own")
    @app_commands.describe(
        genre="What kind of story",
        prompt="How it begins. Leave it empty and be surprised.",
        order="Who may write when",
        turn_minutes="How long a turn or a vote takes at most; 60 if you leave it out",
        passages="How long the story becomes, in passages; 12 if you leave it out",
        vote="I write three ways to go on, and you choose",
        bot="When I write a passage myself",
    )
    @app_commands.choices(order=ORDERS, bot=PARTS)
    async def start(
        interaction: discord.Interaction,
        *,
        genre: str,
        prompt: app_commands.Range[str, 0, PROMPT_LENGTH] = "",
        order: str = TurnOrder.ANYONE.value,
        turn_minutes: app_commands.Range[int, SHORTEST_TURN, LONGEST_TURN] = 60,
        passages: app_commands.Range[int, FEWEST_PASSAGES, MOST_PASSAGES] = 12,
        vote: bool = False,
        bot: str = BotPart.ASKED.value,
    ) -> None:
        wish = Wish(
            genre=genre_named(genre, genres), order=order, turn_minutes=turn_minutes, passages=passages, vote=vote,
            bot=bot,
        )  # fmt: skip
        await begin(interaction, wish, prompt)

    if len(genres) <= GENRE_CHOICES:
        labels = [app_commands.Choice(name=app_commands.locale_str(genre.label), value=genre.name) for genre in genres]
        return app_commands.choices(genre=labels)(start)
    start.autocomplete("genre")(choices.genres)
    return start
