"""What people read of a story told together: whatever is in it, it fits into Discord's messages."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.look.together_cards import (
    CREDITED,
    circle_screen,
    credit_sentence,
    intro_screen,
    passage_screen,
    status_card,
    told_screens,
)
from bot.playground.rules.message_rules import CREATE_FLAGS, check_message
from bot.store import Author, BotPart, Circle, Member, Passage, Phase, StoredStory, TurnOrder
from bot.storytelling.telling import Teller
from bot.storytelling.together.rules import CIRCLE_SIZE
from bot.storytelling.together.stage import News, What
from bot.storytelling.together.wish import Wish
from storygen.errors import EngineFailed
from storygen.genre import ORIGINAL_GENRES
from tests.unit.bot.test_joining import PASSAGE

ID = 2**63 - 1
STORY = StoredStory(
    id=ID, owner_id=0, guild_id=ID, channel_id=ID, genre="horror", title="*" * 60, head_id=ID, private=False,
    created_at=0, updated_at=0,
)  # fmt: skip


def circle(**changes: object) -> Circle:
    members = tuple(Member(user_id=ID - seat, seat=seat) for seat in range(CIRCLE_SIZE))
    begun = Wish(genre="horror").circle(Teller(user_id=ID, guild_id=ID, channel_id=ID), 2**40)
    return replace(begun, story_id=ID, turn=ID, tip_id=ID, members=members, deadline=2**40, **changes)  # type: ignore[arg-type]


def passage(text: str, author: Author = Author.PERSON, user_id: int = ID) -> Passage:
    return replace(PASSAGE, id=ID, text=text, author=author, user_id=user_id, seed=ID, writing_seconds=9999.9)


hard_text = st.text(st.sampled_from("*_`<>[]~|\\ \n.ab"), min_size=1, max_size=4000)


def fits(screen: object) -> None:
    """Hold a screen against the playground's rules, which are Discord's."""
    content, embeds = getattr(screen, "content", None), getattr(screen, "embeds", [])
    body = {"content": content or "", "embeds": [embed.to_dict() for embed in embeds]}
    check_message(body, allowed_flags=CREATE_FLAGS)


@given(st.lists(hard_text, min_size=2, max_size=3), st.sampled_from(Phase), st.sampled_from(TurnOrder), st.booleans())
def test_whatever_is_waited_for_it_fits_into_a_message(
    texts: list[str], phase: Phase, order: TurnOrder, votes: bool
) -> None:
    now = circle(phase=phase, turn_order=order, votes=votes, turn_user_id=ID)
    news = [News(what=what, user_id=ID, error=EngineFailed()) for what in What]
    fits(circle_screen(now, STORY, [passage(text, Author.MODEL) for text in texts], news))


@given(hard_text, st.sampled_from(Author))
def test_a_passage_fits_into_a_message(text: str, author: Author) -> None:
    fits(passage_screen(STORY, passage(text, author), 100, 100, ORIGINAL_GENRES))


@given(st.lists(st.tuples(hard_text, st.sampled_from(Author)), min_size=1, max_size=6))
def test_the_whole_story_fits_into_messages_with_its_buttons_below_the_last(told: list[tuple[str, Author]]) -> None:
    path = [passage(text, author, user_id=number) for number, (text, author) in enumerate(told, 1)]
    screens = told_screens(circle(), STORY, path, 99999, ORIGINAL_GENRES)
    for screen in screens:
        fits(screen)
    assert [screen.view is not None for screen in screens] == [False] * (len(screens) - 1) + [True]


def test_the_rules_of_a_story_and_how_it_stands_fit_into_cards() -> None:
    for part in BotPart:
        now = circle(bot_part=part, votes=True, phase=Phase.TURN)
        fits(intro_screen(now, STORY, ORIGINAL_GENRES, "note"))
        assert len(status_card(now, STORY, ORIGINAL_GENRES)) < 6000


def test_the_credits_name_those_with_the_most_passages_first_and_the_bot_last() -> None:
    path = [passage("a", user_id=1), passage("b", user_id=2), passage("c", user_id=2), passage("d", Author.MODEL)]
    assert credit_sentence([*path, passage("", user_id=3), passage("e", user_id=0)]) == (
        "Told together by <@2> (2 passages), <@1> (1 passage), somebody who wants no name here (1 passage) and "
        "me (1 passage)."
    )
    assert credit_sentence([]) == ""


def test_where_very_many_have_told_a_story_the_rest_are_counted() -> None:
    path = [passage("a", user_id=ID - number) for number in range(100)]
    sentence = credit_sentence(path)
    assert sentence.endswith(f" and {100 - CREDITED} more.")
    assert len(sentence) < 1900
