"""How a story told together looks: its rules, whose turn it is, its passages, a vote, and all of it at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import discord

from bot.controls.together_views import circle_view, told_view
from bot.look.cards import CARD_TEXT_LIMIT, ROOM_IN_A_MESSAGE, footer, genre_colour, genre_label, reading_cards
from bot.look.screens import CARDS_IN_A_MESSAGE, Screen
from bot.sentences import sentence_for
from bot.store import Author, BotPart, Circle, Passage, Phase, StoredStory, TurnOrder
from bot.storytelling.together.stage import News, What
from bot.text import clipped, escaped
from storygen.genre import Genre

CANDIDATE_LIMIT = 1800
"""Characters of one candidate; three of them fit into a message."""
CREDITED = 25
"""So many people are named at the end; a message takes 2,000 characters. Files name all."""
NO_NAME = "somebody who wants no name here"
NOT_THIS_TIME = "I could not go on this time."

ORDER_WORDS: Mapping[TurnOrder, str] = MappingProxyType(
    {
        TurnOrder.ANYONE: "Whoever comes first writes.",
        TurnOrder.NO_DOUBLE_TURNS: "Whoever comes first writes, but nobody twice in a row.",
        TurnOrder.ROUND_ROBIN: "One after the other, in the order in which you join.",
    }
)

_PHASES: Mapping[Phase, str] = MappingProxyType(
    {
        Phase.TURN: "✍️ Who goes on? Everybody may write, and takes part with it. If nobody does, it rests {until}.",
        Phase.WRITING: "🤖 I'm writing.",
        Phase.VOTING: "🗳️ How does it go on? The vote ends {until}. On a tie, the one that had its votes first wins.",
        Phase.RESTING: "💤 The story rests. Whoever goes on wakes it.",
        Phase.ENDED: "The story has ended.",
    }
)
_NEWS: Mapping[What, str] = MappingProxyType(
    {
        What.PASSED: "{who} passes.",
        What.SKIPPED: "{who} is passed over.",
        What.SLEPT: "{who} did not write in time.",
        What.LEFT: "{who} takes part no more.",
        What.GONE: "{who} is no longer on this server.",
    }
)
_NEWS_OF_ALL: Mapping[What, str] = MappingProxyType(
    {What.SLEPT: "Nobody wrote in time.", What.VOTED_ON: "The vote is over."}
)


def mention(user_id: int) -> str:
    """Name a person in a message, by what Discord shows for them."""
    return f"<@{user_id}>" if user_id else NO_NAME


def intro_screen(circle: Circle, story: StoredStory, genres: Iterable[Genre], note: str = "") -> Screen:
    """Say that a story begins, and how it will be told."""
    card = discord.Embed(description="\n".join(_rules(circle)), colour=genre_colour(story.genre))
    card.set_footer(text=genre_label(story.genre, genres))
    content = f"{mention(circle.starter_id)} begins a story that we tell together: **{escaped(story.title)}**"
    return Screen(content=f"{content}\n{note}".strip(), embeds=[card], view=None)


def status_card(circle: Circle, story: StoredStory, genres: Iterable[Genre]) -> discord.Embed:
    """Say how far a story is, whose turn it is, and who takes part."""
    lines = [
        f"Passage {circle.passages_told} of {circle.passages_wanted}. {_now(circle)}",
        *_rules(circle),
        f"**Taking part**: {_listed([mention(user_id) for user_id in circle.member_ids]) or 'nobody just now'}",
        f"**Where**: <#{circle.channel_id}>",
    ]
    card = discord.Embed(
        title=escaped(clipped(story.title, 100)), description="\n".join(lines), colour=genre_colour(story.genre)
    )
    card.set_footer(text=genre_label(story.genre, genres))
    return card


def passage_screen(story: StoredStory, passage: Passage, place: int, wanted: int, genres: Iterable[Genre]) -> Screen:
    """Show one passage that has ended, and who wrote it. The end shows all of one that is too long for a card."""
    label = f"passage {place} of {wanted}"
    is_persons = passage.author is Author.PERSON
    card = discord.Embed(description=_fitting(passage.text.strip(), CARD_TEXT_LIMIT), colour=genre_colour(story.genre))
    card.set_footer(text=label.capitalize() if is_persons else f"{footer(story, passage, genres)} · {label}")
    return Screen(content=mention(passage.user_id) if is_persons else None, embeds=[card], view=None)


def circle_screen(
    circle: Circle, story: StoredStory, candidates: Sequence[Passage], news: Iterable[News] = ()
) -> Screen:
    """Show what has happened, what may be done now, and the buttons for it."""
    lines = [*map(_sentence, news), _now(circle), _where_it_is(circle)]
    return Screen(
        content="\n".join(line for line in lines if line),
        embeds=list(_candidate_cards(story, candidates)),
        view=circle_view(circle),
    )


def told_screens(
    circle: Circle, story: StoredStory, path: Sequence[Passage], hearts: int, genres: Iterable[Genre]
) -> list[Screen]:
    """Show the whole story, with its credits above and what can be done with it below."""
    cards = reading_cards(story, path)
    if story.title:
        cards[0].title = escaped(clipped(story.title, 100))
    cards[-1].set_footer(text=_told_footer(story, path, genres))
    screens = [Screen(content=None, embeds=group, view=None) for group in _grouped(cards)]
    screens[0] = Screen(content=f"**The end.** {credit_sentence(path)}", embeds=screens[0].embeds, view=None)
    screens[-1] = Screen(
        content=screens[-1].content,
        embeds=screens[-1].embeds,
        view=told_view(circle.story_id, circle.tip_id, hearts),
    )
    return screens


def credit_sentence(path: Iterable[Passage]) -> str:
    """Say who told a story, those with the most passages first, and the bot last."""
    told = [passage for passage in path if passage.text]
    people = Counter(passage.user_id for passage in told if passage.author is Author.PERSON)
    names = [f"{mention(user_id)} ({_passages(count)})" for user_id, count in people.most_common(CREDITED)]
    if len(people) > CREDITED:
        names.append(f"{len(people) - CREDITED} more")
    if mine := sum(passage.author is Author.MODEL for passage in told):
        names.append(f"me ({_passages(mine)})")
    return f"Told together by {_listed(names)}." if names else ""


def _rules(circle: Circle) -> Iterator[str]:
    minutes = circle.turn_seconds // 60
    yield f"**Order**: {ORDER_WORDS[circle.turn_order]}"
    yield f"**Time for a turn**: {minutes} {'minute' if minutes == 1 else 'minutes'}"
    yield f"**Length**: {circle.passages_wanted} passages, this beginning included"
    when = "after each of you" if circle.bot_part is BotPart.BETWEEN else "when somebody asks me to"
    how = "; I write three ways to go on, and you choose" if circle.votes else ""
    yield f"**I write** {when}{how}."


def _now(circle: Circle) -> str:
    until = f"<t:{circle.deadline}:R>" if circle.deadline is not None else ""
    if circle.phase is Phase.TURN and circle.turn_user_id is not None:
        return f"✍️ {mention(circle.turn_user_id)}, it is your turn. It ends {until}."
    if circle.phase is Phase.WRITING and circle.votes:
        return "🤖 I'm writing three ways to go on. Then you choose."
    if circle.phase is Phase.RESTING and _waits_for_company(circle):
        return "🙋 Who joins? Whoever comes first has the first turn."
    return _PHASES[circle.phase].format(until=until)


def _waits_for_company(circle: Circle) -> bool:
    return circle.turn_order is TurnOrder.ROUND_ROBIN and len(circle.members) <= 1


def _where_it_is(circle: Circle) -> str:
    people = _listed([mention(user_id) for user_id in circle.member_ids]) or "nobody just now"
    return f"-# {circle.passages_told} of {circle.passages_wanted} passages · taking part: {people}"


def _sentence(news: News) -> str:
    if news.what is What.FAILED:
        return (sentence_for(news.error) if news.error else None) or NOT_THIS_TIME
    if not news.user_id or news.what not in _NEWS:
        return _NEWS_OF_ALL.get(news.what, "")
    return _NEWS[news.what].format(who=mention(news.user_id))


def _candidate_cards(story: StoredStory, candidates: Sequence[Passage]) -> Iterator[discord.Embed]:
    for number, passage in enumerate(candidates, 1):
        text = _fitting(passage.text.strip(), CANDIDATE_LIMIT)
        yield discord.Embed(title=str(number), description=text, colour=genre_colour(story.genre))


def _fitting(text: str, limit: int) -> str:
    """Give ``text`` escaped, and cut only where it must be: each of its letters may be escaped."""
    shown = escaped(text)
    if len(shown) > limit:
        shown = escaped(clipped(text, limit * 7 // 8))
    return shown if len(shown) <= limit else escaped(clipped(text, limit // 2))


def _told_footer(story: StoredStory, path: Sequence[Passage], genres: Iterable[Genre]) -> str:
    has_model = any(passage.author is Author.MODEL and passage.text for passage in path)
    parts = ["AI-generated but for what is bold"] if has_model else []
    return " · ".join([*parts, genre_label(story.genre, genres)])


def _grouped(cards: Iterable[discord.Embed]) -> Iterator[list[discord.Embed]]:
    """Give as many cards at once as a message takes."""
    group: list[discord.Embed] = []
    for card in cards:
        if group and (sum(map(len, group)) + len(card) > ROOM_IN_A_MESSAGE or len(group) == CARDS_IN_A_MESSAGE):
            yield group
            group = []
        group.append(card)
    yield group


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _passages(count: int) -> str:
    return f"{count} {'passage' if count == 1 else 'passages'}"
