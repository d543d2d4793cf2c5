"""What the doctor has found: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """The bot runs, but not as well as it could."""
    WRONG = "wrong"
    """The bot does not run like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    about: str
    verdict: Verdict
    found: str
    """A sentence. Never with a token, a key, a prompt or a story."""
    mend: str = ""
    """What to do about it; empty where nothing has to be done."""


def fine(about: str, found: str) -> Finding:
    """Give a finding that needs nothing."""
    return Finding(about=about, verdict=Verdict.OK, found=found)


def doubtful(about: str, found: str, mend: str) -> Finding:
    """Give a finding with which the bot runs all the same."""
    return Finding(about=about, verdict=Verdict.WARNING, found=found, mend=mend)


def wrong(about: str, found: str, mend: str) -> Finding:
    """Give a finding that has to be mended first."""
    return Finding(about=about, verdict=Verdict.WRONG, found=found, mend=mend)
