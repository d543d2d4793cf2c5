"""What a wiki has: its licence, the pages of its categories, and their newest revisions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from training.collect.mediawiki import MediaWiki
from training.errors import TrainingError

BATCH = 50
"""Pages in one request; a wiki gives no more to a client that has not logged in."""

_CREATIVE_COMMONS = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One article at one revision."""

    page_id: int
    title: str
    revision: int
    timestamp: str
    """When the revision was saved, as the wiki writes it: ``2024-05-06T07:08:09Z``."""
    link: str
    """Address of the article."""

    @property
    def url(self) -> str:
        """Give the address of this very revision."""
        return f"{self.link}{'&' if '?' in self.link else '?'}oldid={self.revision}"

    def as_json(self) -> dict[str, Any]:
        """Give the fields as JSON objects have them."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What stands in one category."""

    pages: tuple[int, ...]
    """Page ids."""
    subcategories: tuple[str, ...]
    """Titles, such as ``Category:DC Comics storylines``."""


async def licence_of(wiki: MediaWiki) -> str:
    """Give the licence that the wiki states for its texts, such as ``CC BY-SA 4.0``; empty where it states none."""
    async for answer in wiki.query({"meta": "siteinfo", "siprop": "rightsinfo"}):
        rights = answer.get("rightsinfo", {})
        known = _CREATIVE_COMMONS.search(str(rights.get("url", "")))
        if known:
            return f"CC {known[1].upper()} {known[2]}"
        return str(rights.get("text", ""))
    return ""


async def members_of(wiki: MediaWiki, category: str) -> Members:
    """Give the pages and subcategories of a category, in the wiki's order."""
    asked = {
        "list": "categorymembers",
        "cmtitle": category,
        "cmtype": "page|subcat",
        "cmprop": "ids|title|type",
        "cmnamespace": "0|14",
        "cmlimit": "max",
    }
    pages, subcategories = list[int](), list[str]()
    async for answer in wiki.query(asked):
        with _understood():
            for member in answer.get("categorymembers", []):
                if member["type"] == "subcat":
                    subcategories.append(member["title"])
                else:
                    pages.append(member["pageid"])
    return Members(pages=tuple(pages), subcategories=tuple(subcategories))


async def newest_revisions(wiki: MediaWiki, page_ids: Iterable[int]) -> list[Page]:
    """Give the pages at their newest revision, redirects followed, in the order of the ids; missing pages are left out.

    Redirects to a part of a page are left out as well: the rest of such a page is about something else.
    """
    ids = [str(page_id) for page_id in page_ids]
    asked = {
        "pageids": "|".join(ids),
        "prop": "info|revisions",
        "inprop": "url",
        "rvprop": "ids|timestamp",
        "redirects": "1",
    }
    parts, reached, partly = dict[int, dict[str, Any]](), set[str](), set[str]()
    async for answer in wiki.query(asked):
        with _understood():
            for redirect in answer.get("redirects", []):
                (partly if redirect.get("tofragment") else reached).add(redirect["to"])
            for page in answer.get("pages", []):
                # A long answer is cut between properties, so that one page can come in several parts.
                if "pageid" in page:
                    parts.setdefault(page["pageid"], {}).update(page)
    with _understood():
        found = {page_id: _page_from(page) for page_id, page in parts.items() if page.get("revisions")}
    direct = [found[int(page_id)] for page_id in ids if int(page_id) in found]
    followed = [
        page for page_id, page in found.items() if str(page_id) not in ids and page.title not in partly - reached
    ]
    return direct + sorted(followed, key=lambda page: page.page_id)


async def contents_of(wiki: MediaWiki, pages: Iterable[Page]) -> dict[int, str]:
    """Give the wikitext of each page at its revision, by page id; what the wiki no longer shows is left out."""
    asked = {
        "revids": "|".join(str(page.revision) for page in pages),
        "prop": "revisions",
        "rvprop": "ids|content",
        "rvslots": "main",
    }
    texts: dict[int, str] = {}
    async for answer in wiki.query(asked):
        with _understood():
            for page in answer.get("pages", []):
                for revision in page.get("revisions", []):
                    text = revision.get("slots", {}).get("main", revision).get("content")  # no slots before 1.32
                    if isinstance(text, str):
                        texts[page["pageid"]] = text
    return texts


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except (AttributeError, KeyError, IndexError, TypeError) as error:
        raise TrainingError(f"The wiki's answer lacks something that MediaWiki gives ({error}).") from error


def _page_from(page: dict[str, Any]) -> Page:
    revision = page["revisions"][0]
    return Page(
        page_id=page["pageid"],
        title=page["title"],
        revision=revision["revid"],
        timestamp=revision["timestamp"],
        link=page["canonicalurl"],
    )


def category_title(name: str) -> str:
    """Give a category's title with its namespace. Raises TrainingError for a name that no wiki could have."""
    name = " ".join(name.replace("_", " ").split())
    if not name or re.search(r"[\[\]{}|<>#\x00-\x1f]", name):
        raise TrainingError(f"{name!r} is no name of a category.")
    return name if ":" in name else f"Category:{name}"
