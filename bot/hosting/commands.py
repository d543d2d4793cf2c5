"""What the host's commands do, and what they print: ``doctor``, ``backup``, ``restore``, ``stats``, ``purge-user``."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.console import Console

from bot.config import Config
from bot.errors import DatabaseMissing
from bot.hosting.doctor.examination import examine
from bot.hosting.doctor.finding import Verdict
from bot.hosting.printing import print_figures, print_findings
from bot.privacy.words import counted
from bot.store import StoryStore
from bot.store.copies import back_up, restore
from bot.store.figures import figures_of
from bot.store.rows import PersonSummary

QUESTION = "Delete all of it for good? Type yes: "


def doctor() -> int:
    """Look everything over; 1 where something is wrong."""
    findings = asyncio.run(examine())
    print_findings(findings, Console())
    return int(any(finding.verdict is Verdict.WRONG for finding in findings))


def backup(config: Config, file: Path) -> int:
    """Copy the database, also while the bot runs. Raises what ``back_up`` raises."""
    back_up(config.database_path, file)
    print(f"{config.database_path} is copied to {file}; only you can read it.")
    return 0


def bring_back(config: Config, file: Path) -> int:
    """Put a copy in the database's place. Raises what ``restore`` raises."""
    kept = restore(file, config.database_path)
    print(f"{config.database_path} is now as {file} was.")
    if kept is not None:
        print(f"What was there before is kept as {kept} until somebody deletes something; move it to keep it longer.")
    return 0


def stats(config: Config) -> int:
    """Count what is in the database. Raises DatabaseMissing and DatabaseUnusable."""
    print_figures(figures_of(config.database_path), Console())
    return 0


def purge_user(config: Config, user_id: int, *, words_too: bool, sure: bool) -> int:
    """Delete everything of a person, as ``/privacy delete`` does, after a question unless it is ``sure``.

    Raises DatabaseMissing, and what opening the store raises.
    """
    if not config.database_path.is_file():
        raise DatabaseMissing(config.database_path)
    return asyncio.run(_purge(config, user_id, words_too=words_too, sure=sure))


async def _purge(config: Config, user_id: int, *, words_too: bool, sure: bool) -> int:
    async with StoryStore(config.database_path) as store:
        summary = await store.people.summary_of(user_id)
        print(_what_there_is(summary))
        if not sure and (await asyncio.to_thread(input, QUESTION)).strip().lower() != "yes":
            print("Nothing is deleted.")
            return 1
        gone = await store.people.forget(user_id, words_in_others=words_too)
        print(
            f"Deleted, {counted(gone.stories, 'story', 'stories')} with it. Backups that you have made are not touched."
        )
    return 0


def _what_there_is(summary: PersonSummary) -> str:
    return (
        f"{counted(summary.stories, 'story', 'stories')}, {counted(summary.hearts_given, '♥', '♥')}, "
        f"{counted(summary.presets, 'preset', 'presets')}, {counted(summary.reports, 'report', 'reports')}, "
        f"{counted(summary.words_in_others, 'word', 'words')} in other people's stories."
    )
