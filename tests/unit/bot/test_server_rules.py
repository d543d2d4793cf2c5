"""What a server's rules mean, as plain functions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cogs.storyadmin.panel import chosen_list
from bot.cogs.storyadmin.panel_controls import LISTED
from bot.errors import BlockedHere, BotError, ChannelClosed, RoleNeeded, TooManyListed
from bot.look.rules_words import part_words
from bot.sentences import sentence_for
from bot.store.rows import Quota
from bot.store.server_rows import (
    LIMIT_NAMES,
    NO_RULES,
    ChannelMode,
    Limits,
    RulesPart,
    ServerRules,
    Standing,
    columns_of,
    read_rules,
)
from bot.storytelling.server_rules import (
    LARGEST,
    check_rules,
    checked_limits,
    limits_for,
    may_administer,
    quota_of,
    shortened,
    with_limits,
    without_role_limits,
)
from bot.storytelling.telling import Teller
from storygen.errors import InvalidOption
from storygen.sampling import SamplingOptions, SamplingOverrides

ANNA = Teller(user_id=1, guild_id=7, channel_id=20, role_ids=frozenset({7}))
IDS = st.integers(1, 2**62)
FEW = st.sampled_from([7, 20, 30, 40])
LIMITS = st.builds(
    Limits,
    **{name: st.none() | st.integers(0, largest) for name, largest in LARGEST.items() if name != "longest"},
    longest=st.none() | st.just(0) | st.integers(30, 800),
)
RULES = st.builds(
    ServerRules,
    channel_mode=st.sampled_from(ChannelMode),
    channels=st.lists(FEW | IDS, max_size=5, unique=True).map(tuple),
    teller_roles=st.lists(FEW | IDS, max_size=3, unique=True).map(tuple),
    admin_roles=st.lists(FEW | IDS, max_size=3, unique=True).map(tuple),
    limits=LIMITS,
    role_limits=st.dictionaries(FEW | IDS, LIMITS, max_size=3),
    overrides=st.builds(SamplingOverrides, temperature=st.none() | st.floats(0.1, 2.0), top_k=st.none() | st.just(7)),
)
TELLERS = st.builds(
    Teller,
    user_id=IDS,
    guild_id=st.just(7),
    channel_id=FEW,
    parent_id=st.none() | FEW,
    role_ids=st.frozensets(FEW, max_size=3),
    manages=st.booleans(),
)


def refusal(rules: ServerRules, teller: Teller, *, blocked: bool = False) -> type[BotError] | None:
    try:
        check_rules(Standing(rules=rules, blocked=blocked), teller)
    except BotError as error:
        return type(error) if sentence_for(error) else None
    return None


@given(TELLERS)
def test_a_server_without_rules_refuses_nobody(teller: Teller) -> None:
    assert refusal(NO_RULES, teller) is None
    assert quota_of(7, limits_for(NO_RULES, teller.role_ids)) is None


@given(RULES, TELLERS)
def test_a_block_goes_before_everything_and_holds_for_everybody(rules: ServerRules, teller: Teller) -> None:
    assert refusal(rules, teller, blocked=True) is BlockedHere


@given(RULES, TELLERS)
def test_channels_hold_for_everybody_and_are_each_others_opposite(rules: ServerRules, teller: Teller) -> None:
    rules = replace(rules, teller_roles=())
    only = refusal(replace(rules, channel_mode=ChannelMode.ONLY), teller)
    others = refusal(replace(rules, channel_mode=ChannelMode.EXCEPT), teller)
    assert {only, others} == {None, ChannelClosed}
    assert refusal(replace(rules, channel_mode=ChannelMode.EVERYWHERE), teller) is None
    assert (only is None) == (teller.channel_id in rules.channels or teller.parent_id in rules.channels)


@given(RULES, TELLERS)
def test_who_may_change_the_rules_needs_no_role_to_tell_stories(rules: ServerRules, teller: Teller) -> None:
    rules = replace(rules, channel_mode=ChannelMode.EVERYWHERE)
    allowed = may_administer(rules, teller) or not rules.teller_roles or teller.role_ids & set(rules.teller_roles)
    assert refusal(rules, teller) is (None if allowed else RoleNeeded)


@given(RULES)
def test_what_is_stored_of_rules_is_read_back(rules: ServerRules) -> None:
    assert read_rules(columns_of(rules)) == rules


@given(RULES)
def test_all_rules_can_be_said_in_words_that_fit(rules: ServerRules) -> None:
    for part in RulesPart:
        assert 0 < len(part_words(part, rules)) <= 1024


@given(RULES, st.frozensets(FEW))
def test_a_role_never_has_less_than_everybody(rules: ServerRules, roles: frozenset[int]) -> None:
    everybody, theirs = limits_for(rules, ()), limits_for(rules, roles)
    for name in LIMIT_NAMES:
        less = getattr(theirs, name), getattr(everybody, name)
        assert None not in less
        if name == "cooldown":
            assert less[0] <= less[1]
        else:
            assert less[0] == 0 or (less[1] and less[0] >= less[1])


def test_a_role_that_says_nothing_of_a_limit_has_that_of_everybody() -> None:
    rules = ServerRules(limits=Limits(cooldown=60, an_hour=2), role_limits={30: Limits(an_hour=5)})
    assert limits_for(rules, [30]) == Limits(cooldown=60, an_hour=5, at_once=0, longest=0)
    assert quota_of(7, limits_for(rules, [30])) == Quota(guild_id=7, cooldown=60, an_hour=5)


def test_limits_are_laid_over_those_that_were_there_and_a_role_can_be_let_go() -> None:
    rules = with_limits(NO_RULES, Limits(cooldown=60), None)
    rules = with_limits(rules, Limits(an_hour=9), None)
    assert rules.limits == Limits(cooldown=60, an_hour=9)
    assert with_limits(rules, Limits(), 30).role_limits == {}
    rules = with_limits(with_limits(rules, Limits(an_hour=0), 30), Limits(cooldown=5), 30)
    assert rules.role_limits == {30: Limits(cooldown=5, an_hour=0)}
    assert without_role_limits(rules, 30).role_limits == {}


@pytest.mark.parametrize(
    "limits",
    [Limits(cooldown=3601), Limits(cooldown=-1), Limits(an_hour=1001), Limits(at_once=101), Limits(longest=29)],
)
def test_a_limit_out_of_range_is_refused(limits: Limits) -> None:
    with pytest.raises(InvalidOption) as refused:
        checked_limits(limits)
    assert "goes from" in (sentence_for(refused.value) or "")


def test_a_story_is_shortened_to_what_is_allowed_and_never_made_longer() -> None:
    options = SamplingOptions(max_new_tokens=320)
    assert shortened(options, Limits(longest=60)).max_new_tokens == 60
    assert shortened(options, Limits(longest=800)).max_new_tokens == 320
    assert shortened(options, Limits(longest=0)) == shortened(options, Limits()) == options


@given(st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)))
def test_a_choice_changes_only_what_it_was_about(now: set[int], shown: set[int], chosen: set[int]) -> None:
    listed = chosen_list(sorted(now), shown, sorted(chosen))
    assert len(set(listed)) == len(listed)
    for each in range(1, 10):
        wanted = each in chosen if (each in chosen) != (each in shown) else each in now
        assert (each in listed) == wanted


def test_a_list_grows_only_so_far() -> None:
    full = tuple(range(LISTED))
    with pytest.raises(TooManyListed):
        chosen_list(full, (), [LISTED])
    assert len(chosen_list(full, [0], [LISTED])) == LISTED


def test_of_many_channels_and_roles_a_sentence_names_only_some() -> None:
    assert sentence_for(ChannelClosed(range(1, 26))) == (
        "In this server, stories are told in <#1>, <#2>, <#3>, <#4>, <#5> or 20 others. Please come there."
    )
    assert "<@&1>. " in (sentence_for(RoleNeeded([1])) or "")
    assert "<@&1> or <@&2>. " in (sentence_for(RoleNeeded([1, 2])) or "")


def test_the_same_person_elsewhere_is_another_case() -> None:
    rules = ServerRules(channel_mode=ChannelMode.ONLY, channels=(20,))
    assert refusal(rules, ANNA) is None
    assert refusal(rules, replace(ANNA, channel_id=21)) is ChannelClosed
    assert refusal(rules, replace(ANNA, channel_id=21, parent_id=20)) is None
