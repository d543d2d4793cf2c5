"""What a model card says about the texts: counts by source and genre, licences, and whom to credit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from training.prepared import TRAIN

NOT_RECORDED = "What it was trained on was not recorded."
UNNAMED = "not stated"

_WIKIPEDIA = (
    "Plots are by Wikipedia contributors (https://en.wikipedia.org/). They were cleaned, cut into pieces and mixed; "
    "the prepared texts keep the link to each article where the source gives it."
)
_FREE = ("public domain", "cc0")
"""Texts under these need no credit."""


def data_lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Give a table of the sources with what was trained on, one of the genres, and what was kept out."""
    sources = manifest.get("sources", {})
    if not sources:
        yield NOT_RECORDED
        return
    yield "| source | works trained on | words | licences |"
    yield "|---|---|---|---|"
    for name, source in sources.items():
        works, words = (source.get(key, {}).get(TRAIN, 0) for key in ("works", "words"))
        yield f"| {name} | {works:,} | {words:,} | {'; '.join(_licences(source)) or UNNAMED} |"
    yield ""
    yield f"Works by genre, in all splits: {_genres(sources)}."
    if tested := manifest.get("test_stories"):
        yield f"Kept out of training: everything that matches {tested['file']} (SHA-256 {tested['sha256']})."


def attribution_lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Give a line for every source that must be credited, as far as the licences in the manifest tell."""
    sources = {name: _licences(source) for name, source in manifest.get("sources", {}).items()}
    if not any(sources.values()):
        yield "The licences of the texts were not recorded."
        return
    if "wikipedia" in str(sources).lower():
        yield _WIKIPEDIA
        yield ""
    for name, licences in sources.items():
        if asking := [licence for licence in licences if not licence.lower().startswith(_FREE)]:
            yield f"- {name}: {'; '.join(asking)}"


def _licences(source: Mapping[str, Any]) -> list[str]:
    return sorted(filter(None, source.get("licences", [])))


def _genres(sources: Mapping[str, Any]) -> str:
    counted: Counter[str] = Counter()
    for source in sources.values():
        counted.update(source.get("genres", {}))
    return ", ".join(f"{name} {count:,}" for name, count in sorted(counted.items()))
