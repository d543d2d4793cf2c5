"""How an exploration looks, and how what was asked is read back out of its message.

The message is the only memory: the prompt stands in a field, all else in the ids of its menus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import discord

from bot.errors import ExplorationLost
from bot.look.cards import genre_colour, genre_label
from bot.storytelling.exploring import WAY_TOKENS, Explored, Way
from bot.text import clipped, escaped, tail
from storygen.exploration import Exploration, TokenOdds, visible
from storygen.genre import Genre
from storygen.pictures.exploration_picture import choice_count, option_value, percent

PICTURE_NAME = "explore.png"
PROMPT_FIELD = "Your words"
NO_PROMPT = "*(none: the first word of a story)*"
"""Stands in the field without a prompt; a prompt never looks so, because its own marks are escaped."""

_ALT_LENGTH = 1000  # Discord takes 1,024
_LEAD_LENGTH = 50  # of the prompt's end in front of each beginning
_WAY_LENGTH = 400  # escaped, and with what stands above it, within a field's 1,024
# All that could mean something to Discord: bot.text.escaped leaves more as it is, but can't be undone exactly.
_SIGNS = frozenset("*_~|`\\[]()<>@#:-+./")
_MARKED = re.compile(r"\\(.)", re.DOTALL)


def explore_cards(explored: Explored, genres: Iterable[Genre]) -> list[discord.Embed]:
    """Give the embeds: one with the numbers and the picture, one with the three beginnings."""
    wish, genre = explored.wish, genre_label(explored.wish.genre, genres)
    colour = genre_colour(wish.genre)
    numbers = discord.Embed(title="What comes next?", description=explanation(explored.exploration), colour=colour)
    numbers.add_field(name=PROMPT_FIELD, value=marked(wish.prompt) or NO_PROMPT, inline=False)
    numbers.set_image(url=f"attachment://{PICTURE_NAME}")
    ways = discord.Embed(title="The same opening, told three ways", colour=colour)
    for way in explored.ways:
        ways.add_field(name=way.name, value=_way(wish.prompt, way), inline=True)
    ways.set_footer(text=f"AI-generated · {genre} · seed {wish.seed} · at most {WAY_TOKENS} tokens each")
    return [numbers, ways]


def picture_words(exploration: Exploration) -> str:
    """Describe the picture for those who do not see it."""
    told = ", ".join(f"{visible(token.text)} {percent(token.after[-1])}" for token in exploration.next_tokens.tokens)
    return clipped(f"The most probable next tokens, after all options: {told}", _ALT_LENGTH)


def explanation(exploration: Exploration) -> str:
    """Say in a few sentences what the picture shows."""
    told = exploration.next_tokens
    sentences = [_kept(exploration), _best(told.tokens), _openness(exploration)]
    if exploration.prompt_was_cut:
        sentences.append("Only the end of your words fits into the model.")
    return " ".join(sentence for sentence in sentences if sentence)


def marked(prompt: str) -> str:
    """Give a prompt so that Discord shows it to the letter, and ``unmarked`` finds it again exactly."""
    return "".join(f"\\{letter}" if letter in _SIGNS else letter for letter in prompt)


def unmarked(shown: str) -> str:
    """Undo ``marked``."""
    return _MARKED.sub(r"\1", shown)


def prompt_of(message: discord.Message) -> str:
    """Read the prompt back out of an answer. Raises ExplorationLost where somebody has taken its embeds away."""
    fields = [field for embed in message.embeds for field in embed.fields if field.name == PROMPT_FIELD]
    if not fields or fields[0].value is None:
        raise ExplorationLost
    shown = fields[0].value
    return "" if shown == NO_PROMPT else unmarked(shown)


def _kept(exploration: Exploration) -> str:
    stages = {stage.option: stage for stage in exploration.next_tokens.stages}
    top_k, top_p = stages["top_k"], stages["top_p"]
    every = f"Of {exploration.next_tokens.vocabulary:,} tokens"
    if option_value("top_k", top_k.value) == option_value("top_p", top_p.value) == "off":
        return f"{every}, all but the control tokens may come next."
    if option_value("top_p", top_p.value) == "off":
        return f"{every}, `top_k` keeps {top_k.tokens:,}."
    if option_value("top_k", top_k.value) == "off":
        return f"{every}, `top_p` keeps {top_p.tokens:,}."
    return f"{every}, `top_k` keeps {top_k.tokens:,} and `top_p` of these {top_p.tokens:,}."


def _best(tokens: tuple[TokenOdds, ...]) -> str:
    best = max(tokens, key=lambda token: token.after[-1])
    return (
        f"The most probable is **{marked(visible(best.text))}** with {percent(best.after[-1])}; "
        f"the model by itself gives it {percent(best.probability)}."
    )


def _openness(exploration: Exploration) -> str:
    before, after = exploration.next_tokens.choices, exploration.next_tokens.stages[-1].choices
    return (
        f"The draw is as open as one among {choice_count(after)} equal tokens; "
        f"without options, among {choice_count(before)}."
    )


def _way(prompt: str, way: Way) -> str:
    text = clipped(way.text, _WAY_LENGTH).removesuffix("…")
    if way.goes_on:
        text += "…" if text[-1:].isalnum() else " …"
    end = f"**{escaped(tail(prompt, _LEAD_LENGTH))}**" if prompt else ""
    options = way.options
    lines = (
        f"`temperature {options.temperature:g}`",
        f"`top_k {options.top_k}`",
        f"`top_p {options.top_p:g}`",
        f"`penalty {options.repetition_penalty:g}`",
        f"{end}{escaped(text if prompt else text.lstrip())}",
    )
    return "\n".join(lines)
