"""What one message shows: the bot's own words, cards and controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

import discord

from bot.controls import passage_view, share_view
from bot.look.cards import ROOM_IN_A_MESSAGE, finished_cards, genre_label, reading_cards, unstored_card
from bot.store import Author
from bot.storytelling.story_editor import ShownPassage
from bot.storytelling.telling import Telling
from storygen.genre import Genre

CARDS_IN_A_MESSAGE = 10
"""Discord takes so many embeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Exactly what a message is to show, and nothing of what was there before."""

    content: str | None
    embeds: list[discord.Embed]
    view: discord.ui.View | None


class Edit(Protocol):
    """Changes the message in which a story is shown, and gives it."""

    async def __call__(
        self, *, content: str | None, embeds: list[discord.Embed], view: discord.ui.View | None
    ) -> discord.Message:
        """Show exactly this and nothing of what was there before."""
        ...


async def put(edit: Edit, screen: Screen) -> discord.Message:
    """Let a message show a screen."""
    return await edit(content=screen.content, embeds=screen.embeds, view=screen.view)


def sentence_screen(sentence: str) -> Screen:
    """Show only a sentence."""
    return Screen(content=sentence, embeds=[], view=None)


def unstored_screen(telling: Telling, sentence: str) -> Screen:
    """Show a passage that could not be stored, without controls: there is nothing that they could reach."""
    card = unstored_card(telling.story, telling.lead, telling.generation.text)
    return Screen(content=sentence, embeds=[card], view=None)


def passage_screen(
    shown: ShownPassage, genres: Sequence[Genre], *, note: str | None = None, more: bool = False
) -> Screen:
    """Show a passage as it is stored, with its controls."""
    cards = finished_cards(shown.story, shown.lead, shown.passage, genres)
    return Screen(content=note, embeds=cards, view=passage_view(shown, more=more))


def shared_screen(shown: ShownPassage, genres: Sequence[Genre], *, by: str) -> Screen:
    """Show a story to readers: from its beginning, as much as one message takes."""
    cards = reading_cards(shown.story, shown.path)
    taken = [size for size in accumulate(map(len, cards)) if size <= ROOM_IN_A_MESSAGE][:CARDS_IN_A_MESSAGE]
    whole = len(taken) == len(cards)
    cards = cards[: max(len(taken), 1)]
    cards[-1].set_footer(text=_reading_footer(shown, genres, whole=whole))
    return Screen(content=by, embeds=cards, view=share_view(shown, whole=whole))


def _reading_footer(shown: ShownPassage, genres: Sequence[Genre], *, whole: bool) -> str:
    parts = [genre_label(shown.story.genre, genres)]
    authors = {passage.author for passage in shown.path if passage.text}
    if Author.MODEL in authors:
        parts.insert(0, "AI-generated" if len(authors) == 1 else "AI-generated but for what is bold")
    return " · ".join(parts if whole else [*parts, "there is more of it"])
