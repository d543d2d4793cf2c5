from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.quick_clock import QuickClock
from tests.fakes.small_wiki import ROOT, Fault, SmallWiki
from training.collect import mediawiki
from training.collect.mediawiki import ATTEMPTS, MediaWiki, user_agent
from training.collect.pace import Pace
from training.collect.retry_after import retry_after
from training.collect.wiki_listing import category_title, licence_of, members_of, newest_revisions
from training.errors import TrainingError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAGGED = {"error": {"code": "maxlag", "info": "Waiting for db2: 7 seconds lagged", "lag": 7}}


@asynccontextmanager
async def client(small: SmallWiki, clock: QuickClock, pace: Pace | None = None) -> AsyncIterator[MediaWiki]:
    headers = {"User-Agent": user_agent("ada@example.org"), "Accept-Encoding": "gzip"}
    async with small.running() as address, aiohttp.ClientSession(headers=headers) as session:
        yield MediaWiki(session, address, pace or clock.pace(), now=lambda: NOON)


def status(code: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: web.Response(status=code, headers=named)


def error(code: str, info: str, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: web.json_response({"error": {"code": code, "info": info}}, headers=named)


async def test_continuation_is_followed_to_the_end() -> None:
    small = SmallWiki(page_size=2)
    async with client(small, QuickClock()) as wiki:
        members = await members_of(wiki, ROOT)
    inside = [page for page in small.pages.values() if f"[[{ROOT}]]" in page.text]
    assert sorted(members.pages) == sorted(page.page_id for page in inside if page.namespace == 0)
    assert members.subcategories == ("Category:Nightlamp storylines",)
    assert len(small.asked) == -(-len(inside) // 2)


async def test_every_request_names_the_client_its_contact_the_lag_that_is_too_much_and_gzip() -> None:
    small = SmallWiki()
    async with client(small, QuickClock()) as wiki:
        await members_of(wiki, ROOT)
    assert {asked["maxlag"] for asked in small.asked} == {"5"}
    assert {headers["Accept-Encoding"] for headers in small.headers} == {"gzip"}
    assert all("storybot" in headers["User-Agent"] for headers in small.headers)
    assert all("ada@example.org" in headers["User-Agent"] for headers in small.headers)


@pytest.mark.parametrize(("per_second", "gap"), [(1.0, 1.0), (0.5, 2.0), (4.0, 0.25)])
async def test_no_more_requests_go_out_than_so_many_a_second(per_second: float, gap: float) -> None:
    small, clock = SmallWiki(page_size=3), QuickClock()
    async with client(small, clock, clock.pace(per_second)) as wiki:
        await members_of(wiki, ROOT)
    assert len(small.asked) >= 3
    assert clock.waits == [gap] * (len(small.asked) - 1)


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (status(429, Retry_After="17"), 17),
        (status(503, Retry_After="Sun, 01 Mar 2026 12:00:40 GMT"), 40),
        (status(503), 5),
        (status(502), 5),
        (lambda: web.json_response(LAGGED, headers={"Retry-After": "9"}), 9),
        (lambda: web.json_response(LAGGED), 5),
        (error("ratelimited", "Too many."), 5),
        (error("readonly", "The database is locked.", Retry_After="30"), 30),
    ],
)
async def test_a_busy_wiki_is_asked_again_after_as_long_as_it_wants(fault: Fault, wait: float) -> None:
    small, clock = SmallWiki(faults={0: fault}), QuickClock()
    async with client(small, clock) as wiki:
        assert await licence_of(wiki) == "CC BY-SA 4.0"
    assert clock.waits == [wait]
    assert len(small.asked) == 2


async def test_a_wiki_that_leaves_the_wait_to_us_is_left_alone_for_twice_as_long_each_time() -> None:
    small, clock = SmallWiki(faults={number: status(503) for number in range(4)}), QuickClock()
    async with client(small, clock) as wiki:
        await licence_of(wiki)
    assert clock.waits == [5, 10, 20, 40]


async def test_a_wiki_that_stays_busy_is_given_up_with_a_sentence() -> None:
    busy: Fault = lambda: web.json_response(LAGGED)  # noqa: E731 - a fault is a function without arguments
    small, clock = SmallWiki(faults=dict.fromkeys(range(99), busy)), QuickClock()
    async with client(small, clock) as wiki:
        with pytest.raises(TrainingError, match=r"no answer in 8 attempts: maxlag: .*7 seconds lagged\. Give the same"):
            await licence_of(wiki)
    assert len(small.asked) == ATTEMPTS


async def test_a_wiki_that_asks_for_an_hour_is_left_alone() -> None:
    small, clock = SmallWiki(faults={0: status(429, Retry_After="3600")}), QuickClock()
    async with client(small, clock) as wiki:
        with pytest.raises(TrainingError, match=r"asks to wait 60 minutes \(HTTP 429\)\. Give the same command again"):
            await licence_of(wiki)
    assert clock.waits == []


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (status(403), r"refuses: HTTP 403 Forbidden\. It may be closed"),
        (status(404), r"refuses: HTTP 404 Not Found\. Is --api-url"),
        (
            lambda: web.Response(text="<html>", content_type="text/html"),
            r"not answer as a MediaWiki API .*text/html, 6 b",
        ),
        (lambda: web.json_response([1]), r"does not answer as a MediaWiki API does"),
        (error("readapidenied", "You need read permission."), r"refuses: You need read permission \(readapidenied\)\."),
    ],
)
async def test_a_wiki_that_refuses_or_is_none_is_named_in_a_sentence(fault: Fault, sentence: str) -> None:
    small = SmallWiki(faults={0: fault})
    async with client(small, QuickClock()) as wiki:
        with pytest.raises(TrainingError, match=sentence):
            await licence_of(wiki)
    assert len(small.asked) == 1


async def test_a_wiki_that_cannot_be_reached_is_tried_again_and_then_named() -> None:
    async with SmallWiki().running() as address:
        pass  # nobody listens there any more
    clock = QuickClock()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TrainingError, match=r"the connection failed \(Cannot connect"):
            await licence_of(MediaWiki(session, address, clock.pace()))
    assert clock.waits[:2] == [5, 10]
    assert len(clock.waits) == ATTEMPTS - 1


async def test_an_address_that_is_none_is_a_sentence() -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TrainingError, match="no web address"):
            await licence_of(MediaWiki(session, "not an address", QuickClock().pace()))


@pytest.mark.parametrize("part", [{"categorymembers": [{"title": "A"}]}, {"categorymembers": 5}])
async def test_an_answer_of_another_form_is_a_sentence(part: dict[str, object]) -> None:
    small = SmallWiki(faults={0: lambda: web.json_response({"query": part})})
    async with client(small, QuickClock()) as wiki:
        with pytest.raises(TrainingError, match="answer lacks something that MediaWiki gives"):
            await members_of(wiki, ROOT)


async def test_an_answer_that_is_far_too_long_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mediawiki, "LONGEST_ANSWER", 1 << 20)
    small = SmallWiki(faults={0: lambda: web.Response(body=b" " * (2 << 20))})
    async with client(small, QuickClock()) as wiki:
        with pytest.raises(TrainingError, match="sent more than 1 MB in one answer"):
            await licence_of(wiki)


async def test_redirects_are_followed_but_not_into_the_middle_of_a_page_and_missing_pages_left_out() -> None:
    small = SmallWiki()
    ids = {page.title: page.page_id for page in small.pages.values()}
    asked = [ids["Eclipse (comics)"], ids["Quay War"], 99_999, ids["Very Short"]]
    async with client(small, QuickClock()) as wiki:
        pages = await newest_revisions(wiki, asked)
    assert [page.title for page in pages] == ["Very Short", "The Long Eclipse"]


@pytest.mark.parametrize(
    ("rights", "licence"),
    [
        ({"url": "https://creativecommons.org/licenses/by-sa/3.0/", "text": "Creative Commons"}, "CC BY-SA 3.0"),
        ({"url": "", "text": "Public domain"}, "Public domain"),
        ({}, ""),
    ],
)
async def test_the_licence_is_the_one_that_the_wiki_states(rights: dict[str, str], licence: str) -> None:
    async with client(SmallWiki(rights=rights), QuickClock()) as wiki:
        assert await licence_of(wiki) == licence


@pytest.mark.parametrize("contact", ["", "me", "a@b\r\nX-Evil: 1", "\u00e4@b"])
def test_a_contact_that_nobody_can_write_to_is_refused(contact: str) -> None:
    with pytest.raises(TrainingError, match="--contact"):
        user_agent(contact)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5), ("0", 0), ("Sun, 01 Mar 2026 12:00:01 GMT", 1), ("Sun, 01 Mar 2026 11:00:00 GMT", 0)],
)
def test_retry_after_is_read_as_a_number_and_as_a_date(value: str, seconds: float) -> None:
    assert retry_after({"Retry-After": value}, NOON) == seconds


@pytest.mark.parametrize("value", ["", "soon", "-3", "1e9", "\u0663"])
def test_a_retry_after_that_means_nothing_is_none(value: str) -> None:
    assert retry_after({"Retry-After": value}, NOON) is None


def test_a_category_gets_its_namespace_and_a_name_that_no_wiki_has_is_refused() -> None:
    assert category_title("DC_Comics  storylines") == "Category:DC Comics storylines"
    assert category_title("Kategorie:X") == "Kategorie:X"
    for name in (" ", "a|b", "a#b"):
        with pytest.raises(TrainingError, match="no name of a category"):
            category_title(name)
