"""A small wiki of made-up comics with the part of the MediaWiki API that collecting uses, on loopback."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

ROOT = "Category:Lantern Comics storylines"
LICENCE_ADDRESS = "https://creativecommons.org/licenses/by-sa/4.0/deed.en"

_CATEGORY = re.compile(r"\[\[(Category:[^\]|]+)")
_REDIRECT = re.compile(r"#REDIRECT \[\[([^\]#]+)(?:#([^\]]+))?\]\]")


def tale(hero: str, place: str) -> str:
    """Give an invented plot of some sixty words as wikitext with all the marks that have to go."""
    return (
        f"'''{hero}''' (''see'' {{{{lang|fr|le veilleur}}}}) guards [[{place} (city)|{place}]] at night."
        "<ref>p. 4</ref> "
        "A clock maker named [[Ada Quill]] steals the sun, and the harbour freezes{{citation needed}}.\n\n"
        f"[[File:Cover.png|thumb|The cover with [[{hero}]]]]\n"
        f"{hero} follows her through the mirrors{{{{ndash}}}}and meets an older self who has given up.\n"
        "* They open the great clock together.\n"
        '{| class="wikitable"\n! Issue !! Price\n|-\n| 1 || 10c\n|}\n'
        f"At dawn the light returns to {place}, and Ada asks to stay and mend what she broke. <!-- to do --> "
        f"Nobody thanks {hero}, who goes home on the first tram."
    )


def article(story: str, category: str, heading: str = "Plot") -> str:
    """Give an article with a story and with sections that tell none."""
    return (
        "{{Infobox comics|title=X}}\nThis is a '''storyline'''.\n"
        "== Publication history ==\nIt ran in ten issues.\n"
        f"== {heading} ==\n{story}\n=== Collected editions ===\nOne volume.\n"
        f"== Reception ==\nCritics slept.\n[[{category}]]\n"
    )


def made_up_pages() -> dict[str, str]:
    """Give every page's wikitext by title."""
    heroes = ("Nightlamp", "The Tramway Ghost", "Copperline", "Miss Meridian", "Doctor Fathom")
    pages = {f"{hero}: Year Zero": article(tale(hero, "Port Ember"), ROOT) for hero in heroes}
    deeper, deepest = "Category:Nightlamp storylines", "Category:Nightlamp's dog storylines"
    pages |= {
        "The Long Eclipse": article(tale("Nightlamp", "Old Quay"), f"{deeper}]] [[{ROOT}", "Plot summary"),
        "A Dog's Night": article(tale("Wick", "Lamp Street"), deepest, "Synopsis"),
        "Only History": "== Publication history ==\nTen issues.\n[[" + ROOT + "]]",
        "Very Short": "== Plot ==\nThey win.\n[[" + ROOT + "]]",
        "Eclipse (comics)": f"#REDIRECT [[The Long Eclipse]]\n[[{ROOT}]]",
        "Quay War": f"#REDIRECT [[Lantern Comics#Quay War]]\n[[{ROOT}]]",
        "Lantern Comics": "== Plot ==\n" + tale("The publisher", "Nowhere"),
        ROOT: "Storylines.",
        deeper: f"[[{ROOT}]]",
        deepest: f"[[{deeper}]]",
    }
    return pages


@dataclass(frozen=True, slots=True)
class Saved:
    """One page as it is now or was."""

    page_id: int
    title: str
    revision: int
    text: str

    @property
    def namespace(self) -> int:
        """Give 14 for a category and 0 for an article, as every MediaWiki numbers them."""
        return 14 if self.title.startswith("Category:") else 0


Fault = Callable[[], web.StreamResponse]
"""Makes an answer in place of the true one."""


@dataclass(slots=True)
class SmallWiki:
    """The wiki's pages, what it was asked, and the faults that it shows when asked."""

    page_size: int = 2
    """Members and contents in one answer; more need continuation."""
    pages: dict[int, Saved] = field(default_factory=dict)
    revisions: dict[int, Saved] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    """The parameters of every request."""
    headers: list[dict[str, str]] = field(default_factory=list)
    faults: dict[int, Fault] = field(default_factory=dict)
    """By the number of the request, the first being 0."""
    cuts_properties: bool = False
    """Whether one page's properties come in two answers."""
    rights: dict[str, str] = field(default_factory=lambda: {"url": LICENCE_ADDRESS, "text": "CC BY-SA"})

    def __post_init__(self) -> None:
        for title, text in made_up_pages().items():
            self.save(title, text)

    def save(self, title: str, text: str) -> None:
        """Save a new revision of a page, new or known."""
        known = next((page.page_id for page in self.pages.values() if page.title == title), 100 + len(self.pages))
        saved = Saved(known, title, 5000 + len(self.revisions), text)
        self.pages[known] = self.revisions[saved.revision] = saved

    def delete(self, title: str) -> None:
        """Take a page away with all its revisions."""
        self.pages = {number: page for number, page in self.pages.items() if page.title != title}
        self.revisions = {number: page for number, page in self.revisions.items() if page.title != title}

    def contents_asked(self) -> list[list[str]]:
        """Give the revisions of each request for contents."""
        return [asked["revids"].split("|") for asked in self.asked if "revids" in asked]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve on a free port and give the address of ``api.php``."""
        app = web.Application()
        app.router.add_get("/w/api.php", self._answer)
        async with TestServer(app) as server:
            yield str(server.make_url("/w/api.php"))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        number = len(self.asked)
        self.asked.append(dict(request.query))
        self.headers.append(dict(request.headers))
        if number in self.faults:
            return self.faults[number]()
        response = web.json_response(self._true_answer(dict(request.query)))
        response.enable_compression()
        return response

    def _true_answer(self, asked: dict[str, str]) -> dict[str, Any]:
        if asked.get("meta") == "siteinfo":
            return {"batchcomplete": True, "query": {"rightsinfo": self.rights}}
        if asked.get("list") == "categorymembers":
            return self._members(asked)
        return self._contents(asked) if "revids" in asked else self._newest(asked)

    def _members(self, asked: dict[str, str]) -> dict[str, Any]:
        inside = [page for page in self.pages.values() if asked["cmtitle"] in _CATEGORY.findall(page.text)]
        inside.sort(key=lambda page: (page.namespace, page.title))
        kinds = {0: "page", 14: "subcat"}
        rows = [
            {"pageid": page.page_id, "ns": page.namespace, "title": page.title, "type": kinds[page.namespace]}
            for page in inside
        ]
        return self._cut(asked, "cmcontinue", rows, lambda part: {"categorymembers": part})

    def _newest(self, asked: dict[str, str]) -> dict[str, Any]:
        pages, redirects, found = [], [], dict[int, Saved]()
        for page_id in map(int, asked["pageids"].split("|")):
            page = self.pages.get(page_id)
            if page is None:
                pages.append({"pageid": page_id, "missing": True})
                continue
            if asked.get("redirects") and (match := _REDIRECT.match(page.text)):
                redirects.append({"from": page.title, "to": match[1]} | ({"tofragment": match[2]} if match[2] else {}))
                page = next(target for target in self.pages.values() if target.title == match[1])
            found[page.page_id] = page
        pages += [self._described(page) for page in found.values()]
        if self.cuts_properties:
            return self._half(asked, redirects, pages)
        return {"batchcomplete": True, "query": {"redirects": redirects, "pages": pages}}

    def _half(self, asked: dict[str, str], redirects: list[Any], pages: list[dict[str, Any]]) -> dict[str, Any]:
        """Give the addresses first and the revisions when asked to continue, as a real one does with long answers."""
        if "rvcontinue" in asked:
            return {"query": {"redirects": redirects, "pages": [_without(page, "canonicalurl") for page in pages]}}
        more = {"rvcontinue": "1", "continue": "||info"}
        return {
            "query": {"redirects": redirects, "pages": [_without(page, "revisions") for page in pages]},
            "continue": more,
        }

    def _described(self, page: Saved) -> dict[str, Any]:
        link = f"https://wiki.invalid/wiki/{page.title.replace(' ', '_')}"
        newest = {"revid": page.revision, "parentid": 0, "timestamp": f"2024-05-06T07:{page.revision % 60:02}:00Z"}
        return {"pageid": page.page_id, "ns": 0, "title": page.title, "canonicalurl": link, "revisions": [newest]}

    def _contents(self, asked: dict[str, str]) -> dict[str, Any]:
        known = [self.revisions[int(number)] for number in asked["revids"].split("|") if int(number) in self.revisions]
        rows = [
            {
                "pageid": page.page_id,
                "title": page.title,
                "revisions": [{"revid": page.revision, "slots": {"main": {"content": page.text}}}],
            }
            for page in known
        ]
        return self._cut(asked, "rvcontinue", rows, lambda part: {"pages": part})

    def _cut(
        self, asked: dict[str, str], name: str, rows: list[Any], shown: Callable[[list[Any]], dict[str, Any]]
    ) -> dict[str, Any]:
        start = int(asked.get(name, "0"))
        end = start + self.page_size
        answer: dict[str, Any] = {"query": shown(rows[start:end])}
        return answer | ({"continue": {name: str(end), "continue": "-||"}} if end < len(rows) else {})


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}
