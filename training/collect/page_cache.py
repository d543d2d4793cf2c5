"""Articles fetched before, on disk by page and revision: a revision never changes, so it is asked for once."""

from __future__ import annotations

from pathlib import Path

from training.collect.whole_files import replacing
from training.collect.wiki_listing import Page


class PageCache:
    """A folder of wikitext, one file a revision."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, page: Page) -> str | None:
        """Give the wikitext, or None where it was not fetched yet."""
        try:
            return self._file(page).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def put(self, page: Page, text: str) -> None:
        """Keep the wikitext of this revision."""
        with replacing(self._file(page)) as stream:
            stream.write(text.encode())

    def _file(self, page: Page) -> Path:
        return self._folder / f"{page.page_id}-{page.revision}.wikitext"
