"""Collecting from a real MediaWiki; docs/collecting.md says how to set one up. The test writes its pages."""

from __future__ import annotations

import json
import os
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.fakes.quick_clock import QuickClock
from tests.fakes.small_wiki import ROOT, SmallWiki, made_up_pages
from training.collect.comics import ComicsRequest, collect_comics
from training.collect.mediawiki import MediaWiki, user_agent
from training.collect.wiki_listing import members_of

API_URL = os.environ.get("STORYBOT_TEST_MEDIAWIKI", "")

pytestmark = pytest.mark.skipif(
    not API_URL, reason="STORYBOT_TEST_MEDIAWIKI names no api.php of a throw-away MediaWiki"
)

ANYBODY = "+\\"
"""The token of those who have not logged in."""


@pytest.fixture(scope="module", autouse=True)
def _only_a_wiki_on_this_machine() -> None:
    host = URL(API_URL).host or ""
    if host != "localhost" and not ip_address(host).is_loopback:
        pytest.fail("STORYBOT_TEST_MEDIAWIKI must be on this machine: the test writes pages.")


async def write_pages(session: aiohttp.ClientSession) -> None:
    for title, text in made_up_pages().items():
        saved = {"action": "edit", "title": title, "text": text, "token": ANYBODY, "format": "json"}
        async with session.post(API_URL, data=saved) as response:
            answer = await response.json()
            assert answer.get("edit", {}).get("result") == "Success", answer


async def collect(address: str, out: Path) -> list[dict[str, Any]]:
    headers = {"User-Agent": user_agent("tests@example.org"), "Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(headers=headers) as session:
        request = ComicsRequest(out=out, api_url=address, categories=[ROOT], depth=2, licence="CC BY-SA 4.0")
        await collect_comics(request, MediaWiki(session, address, QuickClock().pace()))
    lines = (out / "comics.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted((json.loads(line) for line in lines), key=lambda record: str(record["title"]))


async def test_a_real_mediawiki_gives_what_the_small_wiki_gives(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as session:
        await write_pages(session)
    real = await collect(API_URL, tmp_path / "real")
    async with SmallWiki().running() as address:
        small = await collect(address, tmp_path / "small")
    told = ("title", "section", "text", "genre", "licence")
    assert [[record[key] for key in told] for record in real] == [[record[key] for key in told] for record in small]
    assert len(real) == 7


async def test_the_address_of_a_revision_leads_to_the_text_that_was_collected(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as session:
        await write_pages(session)
        record = (await collect(API_URL, tmp_path))[0]
        async with session.get(record["url"], params={"action": "raw"}) as response:
            raw = await response.text()
    assert raw == made_up_pages()[record["title"]].strip()


async def test_a_long_category_is_listed_whole_over_many_answers() -> None:
    """Ask for one member an answer, which makes the wiki itself cut and continue."""

    class OneByOne(MediaWiki):
        def query(self, parameters: Any) -> Any:
            limit = {"cmlimit": "1"} if "cmlimit" in parameters else {}
            return super().query({**parameters, **limit})

    async with aiohttp.ClientSession() as session:
        await write_pages(session)
        clock = QuickClock()
        members = await members_of(OneByOne(session, API_URL, clock.pace()), ROOT)
        whole = await members_of(MediaWiki(session, API_URL, clock.pace()), ROOT)
    assert members == whole
    assert len(members.pages) > 5
