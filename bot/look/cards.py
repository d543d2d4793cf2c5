"""How a story looks: embeds in the genre's colour, the person's words set off from the model's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType

import discord

from bot.sentences.waiting_time import in_words
from bot.store import Author, Passage, PassageState, StoredStory, TitleOrigin
from bot.storytelling.joining import pieces
from bot.text import ELLIPSIS, clipped, escaped, pages, tail, word_count
from storygen.genre import ORIGINAL_GENRES, Genre

CARD_TEXT_LIMIT = 3900
"""Characters of story text in one embed: Discord takes 4,096 in a description, and escaping makes text longer."""
LEAD_LIMIT = 1500
"""Characters of the person's own words above a passage; as long as a prompt may be."""
ROOM_IN_A_MESSAGE = 5500
"""Discord takes 6,000 characters in all embeds of one message; the rest is for title and footer."""
WRITING = " ▌"
"""Stands after text that still grows."""

_COLOURS = MappingProxyType(
    {
        "superhero": 0xE53935,
        "sci_fi": 0x00ACC1,
        "horror": 0x6A1B9A,
        "action": 0xFB8C00,
        "thriller": 0x455A64,
        "drama": 0x43A047,
    }
)
_OTHER_COLOURS = (0x3949AB, 0x8D6E63, 0xC0CA33, 0x00897B, 0xD81B60)


def genre_label(name: str, genres: Iterable[Genre]) -> str:
    """Give what people read for a genre; also for one that the present model does not know."""
    known = {genre.name: genre.label for genre in (*ORIGINAL_GENRES, *genres)}
    return known.get(name, name.replace("_", " ").title())


def genre_colour(name: str) -> int:
    """Give the genre's colour as 0xRRGGBB; a genre of somebody's own always gets the same one."""
    return _COLOURS.get(name, _OTHER_COLOURS[sum(name.encode()) % len(_OTHER_COLOURS)])


def waiting_card(
    story: StoredStory, lead: str, position: int, *, loading: bool, waiting_seconds: float | None = None
) -> discord.Embed:
    """Show that a story waits for its turn, where in the queue it stands, and how long that will probably take."""
    how_long = "" if waiting_seconds is None else f", {in_words(waiting_seconds)}"
    if loading:
        line = "The storyteller is waking up. Your story comes as soon as it is there."
    elif position > 1:
        line = f"Number {position} in the queue{how_long}."
    else:
        line = f"Next in the queue{how_long}."
    return _embed(story, _remark(lead, line))


def growing_card(story: StoredStory, lead: str, text: str) -> discord.Embed:
    """Show a passage while it is being written; a long one shows its end."""
    return _text_card(story, lead, text, WRITING)


def unstored_card(story: StoredStory, lead: str, text: str) -> discord.Embed:
    """Show a passage that has ended and could not be stored; a long one shows its end."""
    return _text_card(story, lead, text, "")


def _text_card(story: StoredStory, lead: str, text: str, after: str) -> discord.Embed:
    shown = _lead(lead) + _glued(lead, escaped(text)) + after
    return _embed(story, shown if len(shown) <= CARD_TEXT_LIMIT else escaped(tail(text, CARD_TEXT_LIMIT // 2)) + after)


def finished_cards(story: StoredStory, lead: str, passage: Passage, genres: Iterable[Genre]) -> list[discord.Embed]:
    """Show a passage as it is stored, with the footer that says how it was made.

    ``lead`` are the person's words directly above it; a person's own passage is shown without what is above.
    """
    if passage.state is PassageState.FAILED:
        return [_embed(story, _remark(lead, "This passage was not finished. Retry writes it again."))]
    body = _persons_body(passage.text) if passage.author is Author.PERSON else _finished_body(lead, passage.text)
    cards = [_embed(story if number == 0 else None, text, story.genre) for number, text in enumerate(body)]
    cards[-1].set_footer(text=footer(story, passage, genres))
    return cards


def footer(story: StoredStory, passage: Passage, genres: Iterable[Genre]) -> str:
    """Say that a machine wrote this, and all that it takes to have it written again; of a person's words how many."""
    genre, words = genre_label(story.genre, genres), _counted(word_count(passage.text), "word")
    if passage.author is Author.PERSON:
        return f"{genre} · {words}"
    parts = ["AI-generated", genre, f"seed {passage.seed}", words]
    if passage.writing_seconds is not None:
        parts.append(writing_time(passage.writing_seconds))
    return " · ".join([*parts, *_remarks(passage)])


def writing_time(seconds: float) -> str:
    """Give how long the model wrote; "0.0 s" would look like a mistake."""
    return f"{seconds:.1f} s" if seconds >= 0.1 else "under 0.1 s"  # noqa: PLR2004 - as short as is shown


def _remarks(passage: Passage) -> Iterator[str]:
    """Give what was unusual about how a model's passage came to be."""
    if passage.state is PassageState.STOPPED:
        yield "stopped"
    if passage.rewritten:
        yield "written again: the first try went in circles"
    if passage.edited:
        yield "edited"
    if passage.prompt_was_cut:
        yield "only the end of the text before it fitted into the model"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def reading_cards(story: StoredStory, passages: Sequence[Passage]) -> list[discord.Embed]:
    """Show a whole story, one embed a page; people's own words are bold where not all of it is theirs."""
    body: list[str] = [""]
    has_both = len({passage.author for passage in passages if passage.text}) > 1
    for passage, text in zip(passages, pieces(passages), strict=True):
        shown = _person(text) if passage.author is Author.PERSON and has_both else escaped(text)
        body.extend(_body(body.pop(), shown))
    return [_embed(story, page or "*This story has no text yet.*") for page in body]


def _title(story: StoredStory, text: str) -> str | None:
    """Give the title, unless it was made from the first words and they follow."""
    line = " ".join(text.replace("**", "").split())
    repeats = line.startswith(escaped(story.title.removesuffix(ELLIPSIS)))
    if not story.title or (repeats and story.title_origin is TitleOrigin.TEXT):
        return None
    return escaped(clipped(story.title, 100))


def _embed(story: StoredStory | None, description: str, genre: str = "") -> discord.Embed:
    title = None if story is None else _title(story, description)
    return discord.Embed(title=title, description=description, colour=genre_colour(story.genre if story else genre))


def _body(lead: str, text: str) -> list[str]:
    """Give the pages of one passage; the bold lead is never split, or its marks would show."""
    if len(lead) + len(text) <= CARD_TEXT_LIMIT:
        return [lead + text]
    return [page for page in (lead, *pages(text.lstrip(), CARD_TEXT_LIMIT)) if page]


def _finished_body(lead: str, text: str) -> list[str]:
    if not text:
        return [_remark(lead, "Stopped before the first word.")]
    body = _body(_lead(lead), _glued(lead, escaped(text)))
    if sum(map(len, body)) <= ROOM_IN_A_MESSAGE:
        return body
    # The person knows their own words; what the model wrote goes first.
    return list(pages(_within(text, ROOM_IN_A_MESSAGE), CARD_TEXT_LIMIT))


def _remark(lead: str, sentence: str) -> str:
    """Give the bot's own words below a lead, told from a story's by their slant."""
    return f"{_lead(lead)}\n\n*{sentence}*".strip()


def _within(text: str, room: int) -> str:
    """Give ``text`` escaped, and cut only where it must be: each of its letters may be escaped."""
    shown = escaped(text)
    return shown if len(shown) <= room else escaped(clipped(text, room // 2))


def _persons_body(text: str) -> list[str]:
    """Give the pages of a person's own passage, cut only where escaping would make it too long for one message."""
    words = text if len(escaped(text)) <= ROOM_IN_A_MESSAGE else clipped(text, ROOM_IN_A_MESSAGE // 2)
    body = [_person(page) for page in pages(words, CARD_TEXT_LIMIT // 2)]
    return body or [_remark("", "These words are no longer there.")]


def _lead(lead: str) -> str:
    """Give the words above a passage, in bold and no longer than a prompt may be."""
    return _person(clipped(lead.strip(), LEAD_LIMIT))


def _person(text: str) -> str:
    """Give a person's words in bold. Bold marks hold only next to a word, so outer spaces stay outside."""
    words = text.strip()
    return text.replace(words, f"**{escaped(words)}**", 1) if words else text


def _glued(lead: str, text: str) -> str:
    """Give the model's text so that it follows its lead: its own leading space decides where a word begins."""
    return text if lead.strip() else text.lstrip()
