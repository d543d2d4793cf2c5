"""How lists of stories look: a person's own, and the ones that a server loves most."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.look.cards import genre_label
from bot.store import LovedStory, StoredStory
from bot.text import clipped, escaped
from storygen.genre import Genre

PAGE_LENGTH = 10
"""Stories on one page of a list: so many are looked over at once, and fit even where every sign has to be escaped."""
LISTED_TITLE_LIMIT = 80
DIGEST_TITLE_LIMIT = 50
"""A field of an embed takes 1,024 characters, and five titles stand in it whose every sign may be escaped."""
OPTION_LIMIT = 100
"""Discord takes so many characters in an option of a select."""


def list_card(
    stories: Sequence[StoredStory], page: int, page_count: int, count: int, genres: Sequence[Genre]
) -> discord.Embed:
    """Show one page of a person's stories, the newest first."""
    lines = [f"{_bold(story)}\n-# {genre_label(story.genre, genres)} · <t:{story.updated_at}:R>" for story in stories]
    embed = discord.Embed(title="Your stories", description="\n".join(lines))
    where = f" · page {page + 1} of {page_count}" if page_count > 1 else ""
    stories_in_words = "1 story" if count == 1 else f"{count:,} stories"
    embed.set_footer(text=f"{stories_in_words}{where} · choose one below, or /continue goes on with it")
    return embed


def list_options(stories: Sequence[StoredStory], genres: Sequence[Genre]) -> list[discord.SelectOption]:
    """Give the stories of a page as what a select offers."""
    return [
        discord.SelectOption(
            label=clipped(_title(story), OPTION_LIMIT),
            value=str(story.id),
            description=clipped(genre_label(story.genre, genres), OPTION_LIMIT),
        )
        for story in stories
    ]


def top_card(loved: Sequence[LovedStory], when: str, genres: Sequence[Genre]) -> discord.Embed:
    """Show the stories that a server's readers gave most ♥."""
    lines = [
        f"{place}. {_bold(one.story)}\n"
        f"-# ♥ {one.hearts} · {genre_label(one.story.genre, genres)} · by <@{one.story.owner_id}>"
        for place, one in enumerate(loved, 1)
    ]
    embed = discord.Embed(title=f"Most loved {when}", description="\n".join(lines))
    embed.set_footer(text="Press a number to read · a ♥ below a story counts here")
    return embed


def digest_card(
    loved: Sequence[LovedStory], newest: Sequence[StoredStory], when: str, genres: Sequence[Genre]
) -> discord.Embed:
    """Show what a server's readers loved, and what else is new there; numbered through both lists."""
    embed = discord.Embed(title=f"Stories {when}")
    lists = (
        ("Most loved", 1, [(one.story, f"♥ {one.hearts}") for one in loved]),
        ("New", len(loved) + 1, [(story, f"<t:{story.created_at}:R>") for story in newest]),
    )
    for name, first, stories in lists:
        lines = [_digest_line(number, story, about, genres) for number, (story, about) in enumerate(stories, first)]
        if lines:
            embed.add_field(name=name, value="\n".join(lines), inline=False)
    embed.set_footer(text="Press a number to read · a ♥ below a story counts here")
    return embed


def _digest_line(number: int, story: StoredStory, about: str, genres: Sequence[Genre]) -> str:
    """Give a line that fits five times into a field, whatever is escaped in it."""
    genre = clipped(genre_label(story.genre, genres), 20)
    title = escaped(clipped(_title(story), DIGEST_TITLE_LIMIT))
    return f"{number}. **{title}** · {about} · {genre} · <@{story.owner_id}>"


def _bold(story: StoredStory) -> str:
    return f"**{escaped(clipped(_title(story), LISTED_TITLE_LIMIT))}**"


def _title(story: StoredStory) -> str:
    return story.title or "Untitled"
