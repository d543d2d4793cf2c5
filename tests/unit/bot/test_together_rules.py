"""The rules of telling together: turns, deadlines, votes, and that whatever people do, the order stays fair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import (
    BotError,
    BotWroteLast,
    CircleEnded,
    CircleFull,
    NotInCircle,
    NoTurnsHere,
    NotYourTurn,
    TurnOver,
    WroteLast,
)
from bot.store import BotPart, Circle, Phase, TurnOrder, Vote
from bot.storytelling.telling import Teller
from bot.storytelling.together import rules
from bot.storytelling.together.access import may_lead
from bot.storytelling.together.wish import Wish

ADA, BOB, CLEO, DAN = 1, 2, 3, 4
NOW, TURN = 1000, 300
ORDERS = st.sampled_from(TurnOrder)


def circle(order: TurnOrder = TurnOrder.ROUND_ROBIN, *others: int, **fields: object) -> Circle:
    """Give a circle of Ada's in which the others have come one after the other, each with their words."""
    wish = Wish(genre="horror", order=order.value, turn_minutes=TURN // 60, passages=100)
    begun = wish.circle(Teller(user_id=ADA, guild_id=5, channel_id=9), NOW)
    begun = rules.opened(replace(begun, story_id=1, tip_id=1, **fields), NOW)  # type: ignore[arg-type]
    for other in others:
        begun = rules.joined(begun, other, NOW)
    return begun


def test_a_round_waits_for_company_and_whoever_comes_has_the_first_turn() -> None:
    alone = circle()
    assert (alone.phase, alone.deadline) == (Phase.RESTING, None)
    begun = rules.joined(alone, BOB, NOW)
    assert (begun.phase, begun.turn_user_id, begun.deadline) == (Phase.TURN, BOB, NOW + TURN)


def test_after_a_passage_the_next_by_seat_has_the_turn_and_then_it_begins_anew() -> None:
    told, writers = circle(TurnOrder.ROUND_ROBIN, BOB, CLEO), []
    for _ in range(6):
        assert told.turn_user_id is not None
        writers.append(told.turn_user_id)
        told = rules.wrote(told, told.turn_user_id, told.turn, NOW)
    assert writers == [BOB, CLEO, ADA, BOB, CLEO, ADA]


def test_out_of_turn_nobody_writes_passes_or_lets_the_bot_go_on() -> None:
    told = circle(TurnOrder.ROUND_ROBIN, BOB)
    for rule in (rules.wrote, rules.passed, rules.bot_asked):
        with pytest.raises(NotYourTurn):
            rule(told, ADA, told.turn, NOW)
        with pytest.raises(NotInCircle):
            rule(told, DAN, told.turn, NOW)


@pytest.mark.parametrize("order", TurnOrder)
def test_words_for_a_turn_that_is_over_are_not_taken(order: TurnOrder) -> None:
    told = circle(order, BOB)
    for rule in (rules.wrote, rules.bot_asked):
        with pytest.raises(TurnOver):
            rule(told, BOB, told.turn - 1, NOW)


def test_nobody_writes_twice_in_a_row_unless_they_are_alone() -> None:
    alone = circle(TurnOrder.NO_DOUBLE_TURNS)
    twice = rules.wrote(rules.wrote(alone, ADA, alone.turn, NOW), ADA, alone.turn + 1, NOW)
    assert twice.passages_told == 3
    both = rules.joined(twice, BOB, NOW)
    with pytest.raises(WroteLast):
        rules.wrote(both, ADA, both.turn, NOW)
    asked = rules.bot_asked(both, ADA, both.turn, NOW)
    told = rules.bot_wrote(asked, asked.turn, 7, NOW)
    assert (told.tip_id, told.phase) == (7, Phase.TURN)
    with pytest.raises(BotWroteLast):
        rules.bot_asked(told, BOB, told.turn, NOW)


def test_a_turn_ends_at_its_deadline_and_not_a_second_before() -> None:
    told = circle(TurnOrder.ROUND_ROBIN, BOB, CLEO)
    assert rules.timed_out(told, NOW + TURN - 1) is told
    assert rules.timed_out(told, NOW + TURN).turn_user_id == CLEO


def test_a_round_in_which_everybody_sleeps_rests_and_whoever_writes_wakes_it() -> None:
    told = circle(TurnOrder.ROUND_ROBIN, BOB, CLEO)
    for _ in range(3):
        told = rules.timed_out(told, told.deadline or 0)
    assert (told.phase, told.deadline) == (Phase.RESTING, None)
    assert rules.timed_out(told, NOW * 1000) is told
    assert rules.wrote(told, CLEO, told.turn, NOW).turn_user_id == ADA


def test_who_leaves_in_their_turn_gives_it_to_the_next_and_keeps_no_seat() -> None:
    told = rules.left(circle(TurnOrder.ROUND_ROBIN, BOB, CLEO), BOB, NOW)
    assert told.turn_user_id == CLEO
    again = rules.joined(told, BOB, NOW)
    assert again.member_ids == (ADA, CLEO, BOB)
    with pytest.raises(NotInCircle):
        rules.left(told, BOB, NOW)


def test_when_all_have_left_the_story_rests_and_whoever_joins_goes_on() -> None:
    told = circle(TurnOrder.ROUND_ROBIN, BOB)
    for person in (BOB, ADA):
        told = rules.left(told, person, NOW)
    assert told.phase is Phase.RESTING
    assert rules.joined(told, DAN, NOW).turn_user_id == DAN


def test_a_forgotten_persons_turn_goes_to_the_next_though_nobody_slept() -> None:
    told = circle(TurnOrder.ROUND_ROBIN, BOB)
    members = tuple(member for member in told.members if member.user_id != BOB)
    forgotten = replace(told, members=members, turn_user_id=None, deadline=NOW)
    assert rules.timed_out(forgotten, NOW).turn_user_id == ADA


def test_where_nobody_has_turns_none_can_be_passed_on() -> None:
    told = circle(TurnOrder.ANYONE, BOB)
    with pytest.raises(NoTurnsHere):
        rules.passed(told, BOB, told.turn, NOW)
    with pytest.raises(NoTurnsHere):
        rules.skipped(told, told.turn, NOW)


def test_a_story_ends_when_it_is_as_long_as_was_wanted_and_then_nothing_goes_on() -> None:
    told = circle(TurnOrder.ANYONE, passages_wanted=2, bot_part=BotPart.ASKED)
    told = rules.wrote(told, BOB, told.turn, NOW + 5)
    assert (told.phase, told.ended_at, told.deadline) == (Phase.ENDED, NOW + 5, None)
    deeds: list[Callable[[], Circle]] = [
        lambda: rules.joined(told, CLEO, NOW),
        lambda: rules.left(told, BOB, NOW),
        lambda: rules.wrote(told, BOB, told.turn, NOW),
        lambda: rules.bot_asked(told, BOB, told.turn, NOW),
        lambda: rules.voted(told, BOB, 1, told.turn, NOW),
        lambda: rules.skipped(told, told.turn, NOW),
        lambda: rules.ended(told, NOW),
    ]
    for deed in deeds:
        with pytest.raises(CircleEnded):
            deed()


def test_who_asked_the_bot_in_their_turn_has_it_again_where_the_bot_fails() -> None:
    told = circle(TurnOrder.ROUND_ROBIN, BOB, CLEO)
    asked = rules.bot_asked(told, BOB, told.turn, NOW)
    assert rules.bot_failed(asked, asked.turn, NOW + 9).turn_user_id == BOB
    assert rules.bot_wrote(asked, asked.turn, 7, NOW).turn_user_id == CLEO
    without = rules.left(asked, BOB, NOW)
    assert rules.bot_failed(without, asked.turn, NOW).turn_user_id == CLEO


def test_only_so_many_may_tell_one_story() -> None:
    full = circle(TurnOrder.ANYONE, *range(2, rules.CIRCLE_SIZE + 1))
    with pytest.raises(CircleFull):
        rules.joined(full, 99, NOW)
    assert rules.joined(full, BOB, NOW) is full


# Votes


def voting(*members: int) -> Circle:
    told = circle(TurnOrder.ANYONE, *members, votes=True)
    asked = rules.bot_asked(told, ADA, told.turn, NOW)
    return rules.vote_opened(asked, asked.turn, [11, 12, 13], NOW)


def test_a_vote_takes_no_later_votes_and_none_of_strangers_or_for_anything_else() -> None:
    vote = voting(BOB)
    with pytest.raises(NotInCircle):
        rules.voted(vote, DAN, 11, vote.turn, NOW)
    with pytest.raises(TurnOver):
        rules.voted(vote, BOB, 14, vote.turn, NOW)
    with pytest.raises(TurnOver):
        rules.voted(vote, BOB, 11, vote.turn, NOW + TURN)
    with pytest.raises(TurnOver):
        rules.voted(vote, BOB, 11, vote.turn - 1, NOW)


def test_a_vote_ends_when_all_have_voted_and_the_chosen_passage_is_the_story() -> None:
    vote = rules.voted(voting(BOB), BOB, 12, 3, NOW)
    assert vote.phase is Phase.VOTING
    told = rules.voted(vote, ADA, 12, vote.turn, NOW)
    assert (told.phase, told.tip_id, told.cast, told.candidates) == (Phase.TURN, 12, (), ())


def test_of_as_many_votes_those_that_came_first_win_and_without_any_the_first_candidate() -> None:
    def cast(*chosen: int) -> list[Vote]:
        return [Vote(user_id=user_id, passage_id=passage_id) for user_id, passage_id in enumerate(chosen)]

    assert rules.winner([11, 12, 13], []) == 11
    assert rules.winner([11, 12, 13], cast(13)) == 13
    assert rules.winner([11, 12, 13], cast(13, 12)) == 13
    assert rules.winner([11, 12, 13], cast(13, 12, 12, 13)) == 12
    assert rules.winner([11, 12, 13], cast(13, 12, 11, 11)) == 11


def test_a_changed_vote_counts_once_and_as_the_newest() -> None:
    vote = voting(BOB, CLEO, DAN)
    for person, chosen in ((ADA, 12), (BOB, 13), (ADA, 13), (ADA, 12)):
        vote = rules.voted(vote, person, chosen, vote.turn, NOW)
    assert [(one.user_id, one.passage_id) for one in vote.cast] == [(BOB, 13), (ADA, 12)]
    assert rules.timed_out(vote, vote.deadline or 0).tip_id == 13


@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from([11, 12, 13])), max_size=20))
def test_the_winner_has_no_fewer_votes_than_any_other(votes: list[tuple[int, int]]) -> None:
    vote = voting(*range(2, 8))  # a seventh never votes, so it stays open
    for person, chosen in votes:
        vote = rules.voted(vote, person, chosen, vote.turn, NOW)
    counts = [sum(one.passage_id == candidate for one in vote.cast) for candidate in vote.candidates]
    won = rules.counted(vote, NOW).tip_id
    assert counts[vote.candidates.index(won)] == max(counts)
    assert len({one.user_id for one in vote.cast}) == len(vote.cast)


# Whatever people do

DEEDS = st.one_of(
    st.tuples(st.sampled_from(["join", "leave", "write", "pass", "bot"]), st.integers(1, 5)),
    st.tuples(st.sampled_from(["skip", "sleep", "written", "failed"]), st.just(0)),
)


def done(told: Circle, deed: str, person: int) -> Circle:
    """Do something as it would be done; what may not be is refused and changes nothing."""
    now = NOW
    rule: dict[str, Callable[[], Circle]] = {
        "join": lambda: rules.joined(told, person, now),
        "leave": lambda: rules.left(told, person, now),
        "write": lambda: rules.wrote(told, person, told.turn, now),
        "pass": lambda: rules.passed(told, person, told.turn, now),
        "bot": lambda: rules.bot_asked(told, person, told.turn, now),
        "skip": lambda: rules.skipped(told, told.turn, now),
        "sleep": lambda: rules.timed_out(told, told.deadline or 0),
        "written": lambda: rules.bot_wrote(told, told.turn, told.tip_id + 1, now),
        "failed": lambda: rules.bot_failed(told, told.turn, now),
    }
    try:
        return rule[deed]()
    except BotError:
        return told


@settings(max_examples=300)
@given(st.lists(DEEDS, min_size=5, max_size=60), st.sampled_from(BotPart), st.permutations([BOB, CLEO, DAN]))
def test_whatever_people_do_the_round_stays_fair_and_never_names_somebody_who_left(
    deeds: list[tuple[str, int]], bot_part: BotPart, others: list[int]
) -> None:
    told = circle(TurnOrder.ROUND_ROBIN, *others, bot_part=bot_part)
    waiting: dict[int, set[int]] = {}  # for each person, who has been there since their last turn and had none
    for deed, person in deeds:
        before, told = told, done(told, deed, person)
        assert told.turn_user_id is None or told.turn_user_id in told.member_ids
        assert (told.phase is Phase.TURN) == (told.deadline is not None)
        assert told.phase is not Phase.TURN or told.turn_user_id is not None
        assert len(set(told.member_ids)) == len(told.member_ids)
        if Phase.RESTING in {told.phase, before.phase}:
            waiting = {}  # whoever wakes it begins anew
        waiting = {one: others & set(told.member_ids) for one, others in waiting.items() if one in told.member_ids}
        has_turn_again = before.phase is Phase.WRITING and before.turn_user_id == told.turn_user_id  # the bot failed
        if told.phase is not Phase.TURN or told.turn == before.turn or has_turn_again:
            continue
        holder = told.turn_user_id or 0
        assert not waiting.get(holder), "somebody had two turns while another waited"
        for still in waiting.values():
            still.discard(holder)
        waiting[holder] = set(told.member_ids) - {holder}


@given(ORDERS, st.lists(DEEDS, max_size=40))
def test_in_every_order_a_circle_can_always_go_on(order: TurnOrder, deeds: list[tuple[str, int]]) -> None:
    told = circle(order)
    for deed, person in deeds:
        told = done(told, deed, person)
        assert told.turn_user_id is None or told.turn_user_id in told.member_ids
    if told.phase is Phase.WRITING:
        told = rules.bot_failed(told, told.turn, NOW)
    told = rules.joined(told, 5, NOW)
    writers = {told.turn_user_id} if told.turn_user_id else set(told.member_ids)
    assert any(rules_allow(told, writer) for writer in writers if writer)


def rules_allow(told: Circle, writer: int) -> bool:
    try:
        return rules.wrote(told, writer, told.turn, NOW).passages_told == told.passages_told + 1
    except BotError:
        return False


# Who may lead


def test_the_starter_and_those_who_look_after_the_server_lead_and_where_the_starter_left_all_members() -> None:
    told = circle(TurnOrder.ANYONE, BOB)
    assert may_lead(told, ADA, manages=False)
    assert may_lead(told, DAN, manages=True)
    assert not may_lead(told, BOB, manages=False)
    left = rules.left(told, ADA, NOW)
    assert may_lead(left, ADA, manages=False)
    assert may_lead(left, BOB, manages=False)
    assert not may_lead(left, DAN, manages=False)
