from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.fakes.quick_clock import QuickClock
from tests.fakes.small_wiki import ROOT, Fault, SmallWiki
from training.collect import comics
from training.collect.comics import ComicsRequest, collect_comics, forget_unfinished
from training.collect.mediawiki import MediaWiki
from training.errors import TrainingError
from training.prepare.preparation import Source, prepare

TODAY = datetime(2026, 3, 1, tzinfo=UTC)
STORIES = 6  # five heroes' year zero and The Long Eclipse; the dog's is a level deeper


class Stop(Exception):
    """The program is killed here."""


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comics, "BATCH", 3)


async def collect(small: SmallWiki, out: Path, told: Callable[..., None] | None = None, **asked: Any) -> Counter[str]:
    fields = {"categories": [ROOT], **asked}
    async with small.running() as address, aiohttp.ClientSession() as session:
        # The address has a new port at every start; it must not look like another wiki.
        request = ComicsRequest(out=out, api_url="https://wiki.invalid/w/api.php", **fields)
        wiki = MediaWiki(session, address, QuickClock().pace())
        return await collect_comics(request, wiki, told=told or (lambda *_: None), now=lambda: TODAY)


def records(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "comics.jsonl").read_text(encoding="utf-8").splitlines()]


def stop_at(number: int) -> Callable[..., None]:
    """Give a listener that stops the program at its so-many-th step."""
    heard: list[str] = []

    def told(doing: str, _done: int, _total: int) -> None:
        heard.append(doing)
        if len(heard) > number:
            raise Stop

    return told


async def test_stories_are_collected_with_their_revision_licence_and_section(tmp_path: Path) -> None:
    small = SmallWiki()
    counts = await collect(small, tmp_path)
    found = {record["title"]: record for record in records(tmp_path)}
    eclipse = found["The Long Eclipse"]
    saved = next(page for page in small.pages.values() if page.title == "The Long Eclipse")
    assert len(found) == counts["records"] == STORIES
    assert {key: value for key, value in eclipse.items() if key not in {"text", "timestamp"}} == {
        "title": "The Long Eclipse",
        "genre": "superhero",
        "section": "Plot summary",
        "page_id": saved.page_id,
        "revision": saved.revision,
        "link": "https://wiki.invalid/wiki/The_Long_Eclipse",
        "url": f"https://wiki.invalid/wiki/The_Long_Eclipse?oldid={saved.revision}",
        "licence": "CC BY-SA 4.0",
    }
    assert eclipse["timestamp"].startswith("2024-05-06T")
    assert eclipse["text"].startswith("Nightlamp (see le veilleur) guards Old Quay at night. A clock maker named Ada")
    assert "ten issues" not in eclipse["text"]
    assert "One volume" not in eclipse["text"]


async def test_pages_without_a_story_too_short_or_redirected_to_a_part_are_counted(tmp_path: Path) -> None:
    counts = await collect(SmallWiki(), tmp_path)
    assert counts["pages without a story"] == 2
    assert counts["sections too short"] == 1
    # Eclipse (comics) leads to a page that is listed, Quay War into the middle of one that is not.
    assert counts["pages listed"] - counts["pages with a story"] - counts["pages without a story"] == 2


@pytest.mark.parametrize(("depth", "more"), [(0, set()), (1, set()), (2, {"A Dog's Night"})])
async def test_subcategories_are_followed_only_as_deep_as_asked(tmp_path: Path, depth: int, more: set[str]) -> None:
    small = SmallWiki()
    await collect(small, tmp_path, depth=depth)
    assert {record["title"] for record in records(tmp_path)} & {"A Dog's Night"} == more
    assert len({asked["cmtitle"] for asked in small.asked if "cmtitle" in asked}) == depth + 1


async def test_the_provenance_names_the_wiki_the_day_the_licence_and_the_file(tmp_path: Path) -> None:
    await collect(SmallWiki(), tmp_path)
    said = json.loads((tmp_path / "comics.provenance.json").read_text())
    assert said["source"] == "https://wiki.invalid/w/api.php"
    assert said["collected"] == "2026-03-01"
    assert said["licence"] == "CC BY-SA 4.0"
    assert said["categories"] == [ROOT, "Category:Nightlamp storylines"]
    assert said["counts"]["records"] == STORIES


async def test_a_stop_at_any_step_and_a_new_start_give_the_same_bytes(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    heard: list[str] = []
    await collect(SmallWiki(), whole, lambda doing, *_: heard.append(doing))
    expected = (whole / "comics.jsonl").read_bytes()
    assert len(heard) > 8
    for number in range(len(heard)):
        out = tmp_path / str(number)
        with pytest.raises(Stop):
            await collect(SmallWiki(), out, stop_at(number))
        assert not (out / "comics.jsonl").exists()
        await collect(SmallWiki(), out)
        assert (out / "comics.jsonl").read_bytes() == expected
        assert not list(out.glob("*state*")) + list(out.glob("*unfinished*"))


async def test_a_half_written_batch_is_written_again_and_not_twice(tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    await collect(SmallWiki(), whole)
    with pytest.raises(Stop):
        await collect(SmallWiki(), out, stop_at(7))
    with (out / "comics.jsonl.unfinished").open("ab") as stream:
        stream.write(b'{"title": "half a rec')
    await collect(SmallWiki(), out)
    assert (out / "comics.jsonl").read_bytes() == (whole / "comics.jsonl").read_bytes()


async def test_a_new_start_asks_for_nothing_that_was_settled(tmp_path: Path) -> None:
    with pytest.raises(Stop):
        await collect(SmallWiki(), tmp_path, stop_at(7))
    again = SmallWiki()
    await collect(again, tmp_path)
    assert not [asked for asked in again.asked if "cmtitle" in asked or "pageids" in asked]


async def test_an_edit_between_the_stop_and_the_new_start_changes_nothing(tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    await collect(SmallWiki(), whole)
    small = SmallWiki()
    with pytest.raises(Stop):
        await collect(small, out, stop_at(6))
    small.save("Nightlamp: Year Zero", "== Plot ==\nBlanked.")
    await collect(small, out)
    assert (out / "comics.jsonl").read_bytes() == (whole / "comics.jsonl").read_bytes()


async def test_a_second_collection_fetches_only_what_has_changed(tmp_path: Path) -> None:
    small = SmallWiki()
    await collect(small, tmp_path)
    small.asked.clear()
    changed = next(page for page in small.pages.values() if page.title == "Copperline: Year Zero")
    small.save(changed.title, changed.text.replace("Copperline", "Tinline"))
    await collect(small, tmp_path)
    assert small.contents_asked() == [[str(max(small.revisions))]]
    texts = {record["title"]: record["text"] for record in records(tmp_path)}
    assert texts["Copperline: Year Zero"].startswith("Tinline")
    assert len(texts) == STORIES


async def test_pages_deleted_while_collecting_are_counted_and_left_out(tmp_path: Path) -> None:
    small = SmallWiki()
    with pytest.raises(Stop):
        await collect(small, tmp_path, stop_at(6))
    for hero in ("Nightlamp", "Miss Meridian"):
        small.delete(f"{hero}: Year Zero")
    counts = await collect(small, tmp_path)
    assert counts["pages withdrawn"] == 2
    assert len(records(tmp_path)) == counts["records"] == STORIES - 2


async def test_the_same_page_in_two_categories_comes_once(tmp_path: Path) -> None:
    await collect(SmallWiki(), tmp_path, categories=[ROOT, "Nightlamp storylines", ROOT], depth=2)
    pages = [record["page_id"] for record in records(tmp_path)]
    assert len(pages) == len(set(pages)) == STORIES + 1


async def test_an_unfinished_collection_with_other_settings_is_not_mixed(tmp_path: Path) -> None:
    with pytest.raises(Stop):
        await collect(SmallWiki(), tmp_path, stop_at(9))
    with pytest.raises(TrainingError, match=r"unfinished collection with other settings.*--restart"):
        await collect(SmallWiki(), tmp_path, genre="drama")
    forget_unfinished(tmp_path)
    await collect(SmallWiki(), tmp_path, genre="drama")
    assert {record["genre"] for record in records(tmp_path)} == {"drama"}


async def test_an_unfinished_collection_without_a_record_is_simply_begun_anew(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"has nothing in 'Category:Lantern Comics storyline'. Is the name right\?"):
        await collect(SmallWiki(), tmp_path, categories=[ROOT, "Lantern Comics storyline"])
    assert (await collect(SmallWiki(), tmp_path))["records"] == STORIES


async def test_categories_without_any_story_are_a_sentence(tmp_path: Path) -> None:
    small = SmallWiki()
    for page in list(small.pages.values()):
        if page.namespace == 0 and not page.text.startswith("#REDIRECT"):
            small.save(page.title, f"== Reception ==\nNone. [[{ROOT}]]")
    with pytest.raises(
        TrainingError, match=r"No page of Category:Lantern Comics storylines has a section with a story"
    ):
        await collect(small, tmp_path)
    assert not (tmp_path / "comics.jsonl").exists()


async def test_a_wiki_without_a_licence_wants_one_from_the_person(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"states no licence .* give --licence"):
        await collect(SmallWiki(rights={}), tmp_path)
    await collect(SmallWiki(rights={}), tmp_path, licence="CC0 1.0")
    assert {record["licence"] for record in records(tmp_path)} == {"CC0 1.0"}


async def test_a_busy_wiki_in_the_middle_changes_nothing_in_the_file(tmp_path: Path) -> None:
    await collect(SmallWiki(), tmp_path / "calm")
    busy: Fault = lambda: web.Response(status=503)  # noqa: E731 - a fault is a function without arguments
    faults = dict.fromkeys((1, 4, 8, 9), busy)
    await collect(SmallWiki(faults=faults), tmp_path / "busy")
    assert (tmp_path / "busy" / "comics.jsonl").read_bytes() == (tmp_path / "calm" / "comics.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"genre": "Sci Fi"}, "no genre's name"),
        ({"depth": -1}, "--depth must be 0 or more"),
        ({"categories": ["a|b"]}, "no name of a category"),
    ],
)
async def test_settings_that_make_no_sense_are_a_sentence(tmp_path: Path, wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence):
        await collect(SmallWiki(), tmp_path, **wrong)


@pytest.mark.parametrize("damage", ["not json", "[]", '{"format": 1}'])
async def test_a_damaged_state_is_a_sentence_or_no_state(tmp_path: Path, damage: str) -> None:
    (tmp_path / "comics.state.json").write_text(damage)
    if damage == '{"format": 1}':
        assert (await collect(SmallWiki(), tmp_path))["records"] == STORIES
    else:
        with pytest.raises(TrainingError, match=r"comics\.state\.json .*begin anew"):
            await collect(SmallWiki(), tmp_path)


async def test_what_was_collected_can_be_prepared(tmp_path: Path) -> None:
    await collect(SmallWiki(), tmp_path / "raw")
    source = Source(name="comics", files=(tmp_path / "raw" / "comics.jsonl",), held_out=0.0)
    said = prepare([source], tmp_path / "prepared")["sources"]["comics"]
    # The tales differ in two names only, so that all but some repeat another.
    assert said["works"]["train"] + said["dropped"]["repeats another"] == STORIES
    assert set(said["genres"]) == {"superhero"}
    assert said["licences"] == ["CC BY-SA 4.0"]


async def test_pages_that_come_in_several_parts_are_put_together(tmp_path: Path) -> None:
    await collect(SmallWiki(), tmp_path / "whole")
    await collect(SmallWiki(cuts_properties=True), tmp_path / "parts")
    assert (tmp_path / "parts" / "comics.jsonl").read_bytes() == (tmp_path / "whole" / "comics.jsonl").read_bytes()
