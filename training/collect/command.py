"""The command ``storytrain collect``: its options, and what the person sees while it runs."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.errors import TrainingError

if TYPE_CHECKING:
    from collections import Counter

    from training.collect.comics import ComicsRequest, Told

_SECONDS_FOR_ONE_ANSWER = 120


def add_parser(subparsers: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    """Add ``collect`` with its two kinds to the commands of ``storytrain``."""
    parser = subparsers.add_parser("collect", help="get plots from Kaggle, or comics' storylines from a wiki")
    parser.set_defaults(carry_out=run)
    kinds = parser.add_subparsers(dest="kind", required=True)
    _add_plots(kinds.add_parser("plots", help="the Wikipedia Movie Plots table, from Kaggle or a file, checked"))
    _add_comics(kinds.add_parser("comics", help="storylines of superhero comics, from Wikipedia or another wiki"))


def run(arguments: argparse.Namespace) -> None:
    """Collect what was chosen. Raises TrainingError with a sentence for every mistake, and when stopped by Ctrl-C."""
    try:
        if arguments.kind == "plots":
            _plots(arguments)
        else:
            _comics(arguments)
    except KeyboardInterrupt as stop:
        raise TrainingError("Stopped. The same command goes on from here.") from stop


def _add_plots(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder for the table and its provenance")
    add("--file", type=Path, help="take this file (.csv, .csv.xz or Kaggle's .zip) and ask nobody")
    add("--any-table", action="store_true", help="take a part or another edition: check the columns, not the checksum")


def _add_comics(parser: argparse.ArgumentParser) -> None:
    from training.collect.comics import CATEGORIES
    from training.collect.mediawiki import ENGLISH_WIKIPEDIA

    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder for comics.jsonl, its provenance and the cache")
    add("--contact", required=True, help="your e-mail or web address, told to the wiki with every request")
    add("--api-url", default=ENGLISH_WIKIPEDIA, help="the wiki's api.php (default English Wikipedia's)")
    named = " and ".join(CATEGORIES)
    add("--category", action="append", help=f"begin here; may be given several times (default {named})")
    add("--depth", type=int, default=1, help="levels of subcategories to go down (default 1)")
    add("--genre", default="superhero", help="genre of the records (default superhero)")
    add("--licence", default="", help="licence of the texts (default what the wiki states)")
    add("--per-second", type=_rate, default=1.0, help="requests a second at the most (default 1)")
    add("--restart", action="store_true", help="forget an unfinished collection; what was fetched stays in the cache")


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate <= 10:  # noqa: PLR2004 - more is not polite to anybody's server
        raise argparse.ArgumentTypeError("between 0 and 10")
    return rate


def _plots(arguments: argparse.Namespace) -> None:
    from training.collect.plots import collect_plots
    from training.collect.table_faults import FULL_TABLE

    with _shown_progress() as told:
        expected = None if arguments.any_table else FULL_TABLE
        place = collect_plots(arguments.out, given=arguments.file, expected=expected, told=told)
    _say(f"{place} is ready.")


def _comics(arguments: argparse.Namespace) -> None:
    from training.collect.comics import CATEGORIES, FILE, ComicsRequest, forget_unfinished

    request = ComicsRequest(
        out=arguments.out,
        api_url=arguments.api_url,
        categories=arguments.category or CATEGORIES,
        depth=arguments.depth,
        genre=arguments.genre,
        licence=arguments.licence,
    )
    if arguments.restart:
        forget_unfinished(request.out)
    with _shown_progress() as told:
        counts = asyncio.run(_collect(request, arguments.contact, arguments.per_second, told))
    _say(f"{request.out / FILE} is ready: {', '.join(f'{count} {name}' for name, count in counts.items())}.")


async def _collect(request: ComicsRequest, contact: str, per_second: float, told: Told) -> Counter[str]:
    import aiohttp

    from training.collect.comics import collect_comics
    from training.collect.mediawiki import MediaWiki, user_agent
    from training.collect.pace import Pace

    headers = {"User-Agent": user_agent(contact), "Accept-Encoding": "gzip"}
    timeout = aiohttp.ClientTimeout(total=_SECONDS_FOR_ONE_ANSWER)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        wiki = MediaWiki(session, request.api_url, Pace(per_second))
        return await collect_comics(request, wiki, told=told)


@contextmanager
def _shown_progress() -> Iterator[Told]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        shown = progress.add_task("Starting", total=None)
        yield lambda doing, done, total: progress.update(shown, description=doing, completed=done, total=total)


def _say(sentence: str) -> None:
    from rich.console import Console

    Console(soft_wrap=True, highlight=False, markup=False).print(sentence)
