"""The sources that ``storytrain prepare`` knows, and how much of each is held out."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.errors import TrainingError
from training.prepare.preparation import Source

# Those that come first keep what later ones repeat. A tenth of the original plots is held out, less of what is plenty.
_HELD_OUT = {"original_plots": 0.05, "plots_extra": 0.02, "movie_plots": 0.02, "fiction": 0.01}


def sources_from(chosen: argparse.Namespace) -> list[Source]:
    """Give the sources for which files were named. Raises TrainingError where none were."""
    sources = [_source(name, share, getattr(chosen, name), chosen.fiction_since) for name, share in _HELD_OUT.items()]
    named = [source for source in sources if source.files]
    if not named:
        raise TrainingError("Name at least one file, such as --movie-plots wiki_movie_plots_deduped.csv.")
    return named


def _source(name: str, held_out: float, files: list[Path], fiction_since: int | None) -> Source:
    since = fiction_since if name == "fiction" else None
    return Source(name=name, files=tuple(files), held_out=held_out, since=since)
