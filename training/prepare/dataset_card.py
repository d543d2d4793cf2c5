"""The README.md of a prepared folder: for people, and for ``datasets.load_dataset``, which reads its head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from training.prepared import SPLITS, split_file

FEATURES = {
    "title": "string",
    "genre": "string",
    "genres": ["string"],
    "labelled_by": "string",
    "year": "int64",
    "licence": "string",
    "source": "string",
    "link": "string",
    "text": "string",
}
"""Columns of every split and their types in the words of ``datasets``; a list is a list of texts."""


def dataset_card(manifest: Mapping[str, Any]) -> str:
    """Give the card of the folder that ``manifest`` describes: a head in YAML and a text in Markdown."""
    head = ["---", "configs:", *_configs(manifest), "dataset_info:", *_infos(manifest), "---", ""]
    return "\n".join([*head, *_text(manifest)]) + "\n"


def _splits_with_works(source: Mapping[str, Any]) -> list[str]:
    # datasets refuses a file without a record
    return [split for split in SPLITS if source["works"].get(split)]


def _configs(manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, source in manifest["sources"].items():
        if splits := _splits_with_works(source):
            yield f"- config_name: {name}"
            yield "  data_files:"
            for split in splits:
                yield f"  - split: {split}"
                yield f"    path: {split_file(name, split)}"


def _infos(manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, source in manifest["sources"].items():
        if _splits_with_works(source):
            yield f"- config_name: {name}"
            yield "  features:"
            for column, kind in FEATURES.items():
                yield f"  - name: {column}"
                yield f"    list: {kind[0]}" if isinstance(kind, list) else f"    dtype: {kind}"


def _text(manifest: Mapping[str, Any]) -> Iterator[str]:
    genres = ", ".join(genre["name"] for genre in manifest["genres"])
    yield from ("# Prepared stories", "")
    yield "Written by `storytrain prepare`; `manifest.json` says from which files, and what was left out."
    yield f'`datasets.load_dataset(FOLDER, "SOURCE")` reads one source. Genres: {genres}.'
    yield from ("", "| source | train | validation | test | words | licences |", "|---|---|---|---|---|---|")
    for name, source in manifest["sources"].items():
        works = " | ".join(f"{source['works'].get(split, 0):,}" for split in SPLITS)
        licences = "; ".join(licence for licence in source["licences"] if licence) or "not stated"
        yield f"| {name} | {works} | {sum(source['words'].values()):,} | {licences} |"
