"""Collect the storylines of comic books from a wiki, politely, and in steps that a stop can't spoil."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storygen.prompt import is_genre_name
from training.collect.collection_state import State, load_state
from training.collect.mediawiki import ENGLISH_WIKIPEDIA, MediaWiki
from training.collect.page_cache import PageCache
from training.collect.sections import story_sections
from training.collect.whole_files import sha256_of, write_json
from training.collect.wiki_listing import (
    BATCH,
    Page,
    category_title,
    contents_of,
    licence_of,
    members_of,
    newest_revisions,
)
from training.errors import TrainingError

CATEGORIES = ("Category:Marvel Comics storylines", "Category:DC Comics storylines")
"""Where English Wikipedia keeps articles about storylines of superhero comics."""
LEAST_WORDS = 40
"""Shorter sections tell no story; ``storytrain prepare`` leaves them out as well."""

FILE = "comics.jsonl"
PROVENANCE = "comics.provenance.json"
STATE = "comics.state.json"
UNFINISHED = "comics.jsonl.unfinished"
CACHE = "comics-cache"

Told = Callable[[str, int, int], None]
"""Hears what is being done, how much of it is done, and how much there is as far as is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComicsRequest:
    """What to collect and where to put it."""

    out: Path
    """Folder for ``comics.jsonl`` and what belongs to it."""
    api_url: str = ENGLISH_WIKIPEDIA
    """Address of the wiki's ``api.php``."""
    categories: Sequence[str] = CATEGORIES
    """Categories to begin with, with or without their namespace."""
    depth: int = 1
    """Levels of subcategories to go down; 0 takes the categories alone."""
    genre: str = "superhero"
    """Genre of every record."""
    licence: str = ""
    """Licence of the texts; empty takes what the wiki states."""

    def settings(self) -> dict[str, Any]:
        """Give what decides the result. Raises TrainingError for values that make no sense."""
        if not is_genre_name(self.genre):
            raise TrainingError(f"{self.genre!r} is no genre's name: lower-case letters, digits and _ only.")
        if self.depth < 0:
            raise TrainingError("--depth must be 0 or more.")
        categories = [category_title(name) for name in self.categories]
        return {
            "api_url": self.api_url,
            "categories": categories,
            "depth": self.depth,
            "genre": self.genre,
            "licence": self.licence,
        }


async def collect_comics(
    request: ComicsRequest,
    wiki: MediaWiki,
    *,
    told: Told = lambda _doing, _done, _total: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Counter[str]:
    """Write ``comics.jsonl`` and its provenance into ``request.out``; give what became of pages and sections.

    An unfinished collection with the same settings is gone on with: pages, revisions and order stay as they were
    listed, so the file is the same as without the stop. A finished one is collected anew, from the cache where a
    page has not changed. Raises TrainingError for settings that make no sense and a wiki that does not answer.
    """
    collection = _Collection(request, wiki, told)
    await collection.list_categories()
    await collection.find_revisions()
    await collection.write_pages()
    return collection.finish(now())


def forget_unfinished(out: Path) -> None:
    """Throw away an unfinished collection; what was fetched stays in the cache."""
    for name in (STATE, UNFINISHED):
        (out / name).unlink(missing_ok=True)


class _Collection:
    """One collection under way. The state is saved after every request, so a stop costs one request."""

    def __init__(self, request: ComicsRequest, wiki: MediaWiki, told: Told) -> None:
        settings = request.settings()
        self._request = request
        self._wiki = wiki
        self._told = told
        self._cache = PageCache(request.out / CACHE)
        self._file = request.out / UNFINISHED
        self._state = load_state(request.out / STATE, settings) or _new_state(settings)

    async def list_categories(self) -> None:
        """Find the pages of the categories, going down as many levels as asked."""
        state = self._state
        state.licence = state.licence or self._request.licence or await self._licence()
        while state.waiting:
            self._told("Listing categories", len(state.seen) - len(state.waiting), len(state.seen))
            category, levels = state.waiting[0]
            members = await members_of(self._wiki, category)
            if category in state.settings["categories"] and not members.pages and not members.subcategories:
                raise TrainingError(f"{self._request.api_url} has nothing in {category!r}. Is the name right?")
            state.page_ids += [page_id for page_id in members.pages if page_id not in state.page_ids]
            new = [name for name in members.subcategories if levels and name not in state.seen]
            state.seen += new
            state.waiting = state.waiting[1:] + [(name, levels - 1) for name in new]
            self._save()

    async def find_revisions(self) -> None:
        """Settle which revision of each page is collected."""
        state = self._state
        while state.revisions_asked < len(state.page_ids):
            self._told("Finding revisions", state.revisions_asked, len(state.page_ids))
            asked = state.page_ids[state.revisions_asked : state.revisions_asked + BATCH]
            known = {page.page_id for page in state.pages}
            found = [page for page in await newest_revisions(self._wiki, asked) if page.page_id not in known]
            state.pages += found
            state.revisions_asked += len(asked)
            self._save()
        state.counts["pages listed"] = len(state.page_ids)
        state.counts["pages gone, redirected to a part or to one listed already"] = len(state.page_ids) - len(
            state.pages
        )

    async def write_pages(self) -> None:
        """Fetch the pages in batches and write their story sections."""
        state = self._state
        self._cut_off_what_is_half_written()
        while state.pages_done < len(state.pages):
            self._told("Fetching pages", state.pages_done, len(state.pages))
            batch = state.pages[state.pages_done : state.pages_done + BATCH]
            texts = await self._texts_of(batch)
            self._append(b"".join(self._lines_of(page, texts.get(page.page_id)) for page in batch))
            state.pages_done += len(batch)
            self._save()
        self._told("Fetching pages", len(state.pages), len(state.pages))

    def finish(self, today: datetime) -> Counter[str]:
        """Put the file in its place, write where it comes from, and end the state."""
        if not self._state.counts["records"]:
            forget_unfinished(self._request.out)
            raise TrainingError(
                f"No page of {', '.join(self._state.settings['categories'])} has a section with a story."
            )
        file = self._request.out / FILE
        # Without a state the next start begins anew, from the cache, so a stop between these lines does no harm.
        (self._request.out / STATE).unlink()
        self._file.replace(file)
        write_json(self._request.out / PROVENANCE, self._provenance(file, today))
        return self._state.counts

    async def _licence(self) -> str:
        licence = await licence_of(self._wiki)
        if not licence:
            raise TrainingError(
                f"{self._request.api_url} states no licence for its texts; if you know it, give --licence."
            )
        return licence

    async def _texts_of(self, batch: Sequence[Page]) -> dict[int, str]:
        cached = {page.page_id: self._cache.get(page) for page in batch}
        texts = {page_id: text for page_id, text in cached.items() if text is not None}
        missing = [page for page in batch if page.page_id not in texts]
        if missing:
            fetched = await contents_of(self._wiki, missing)
            for page in missing:
                if page.page_id in fetched:
                    self._cache.put(page, fetched[page.page_id])
            texts |= fetched
        return texts

    def _lines_of(self, page: Page, text: str | None) -> bytes:
        counts = self._state.counts
        if text is None:
            counts["pages withdrawn"] += 1
            return b""
        records = list(self._records(page, text))
        counts["pages with a story" if records else "pages without a story"] += 1
        counts["records"] += len(records)
        counts["words"] += sum(len(record["text"].split()) for record in records)
        return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)

    def _records(self, page: Page, text: str) -> Iterable[dict[str, Any]]:
        for section in story_sections(text):
            if len(section.text.split()) < LEAST_WORDS:
                self._state.counts["sections too short"] += 1
                continue
            yield {
                "title": page.title,
                "genre": self._request.genre,
                "text": section.text,
                "section": section.heading,
                "page_id": page.page_id,
                "revision": page.revision,
                "timestamp": page.timestamp,
                "link": page.link,
                "url": page.url,
                "licence": self._state.licence,
            }

    def _append(self, lines: bytes) -> None:
        with self._file.open("ab") as stream:
            stream.write(lines)
            stream.flush()
            os.fsync(stream.fileno())
        self._state.bytes_done += len(lines)

    def _cut_off_what_is_half_written(self) -> None:
        self._request.out.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab") as stream:
            if stream.tell() < self._state.bytes_done:
                raise TrainingError(f"{self._file} is shorter than it was. Give --restart to begin anew.")
            stream.truncate(self._state.bytes_done)

    def _provenance(self, file: Path, today: datetime) -> dict[str, Any]:
        return {
            "file": file.name,
            "sha256": sha256_of(file),
            "source": self._request.api_url,
            "categories": self._state.seen,
            "collected": today.date().isoformat(),
            "licence": self._state.licence,
            "attribution": "Written by the contributors of the pages; each record names its page and revision (url).",
            "counts": dict(self._state.counts),
        }

    def _save(self) -> None:
        self._state.save(self._request.out / STATE)


def _new_state(settings: dict[str, Any]) -> State:
    categories = list(dict.fromkeys(settings["categories"]))
    return State(settings=settings, waiting=[(name, settings["depth"]) for name in categories], seen=categories.copy())
