"""What is measured: a case is so many stories at once; a setup is one engine with one model. Plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from storygen.checkpoint import checkpoint_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """So many stories that are asked for at the same moment."""

    stories: int
    mixed: bool
    """Whether each has options of its own; every one has a seed of its own where the engine knows seeds."""
    tokens: int
    """That each story gets, exactly."""
    round: int = 0
    sample: int = 1
    """An engine that writes one story after the other writes no more than so many; the others would take as long."""

    @property
    def key(self) -> str:
        """Give a name that is the same in all rounds."""
        return f"{self.stories} {'mixed' if self.mixed else 'same'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One engine with one model."""

    engine: str
    """A name of ``engines.FILES``."""
    checkpoint: str
    """A folder, or ``builtin``."""
    cache: str
    """A folder for what is made of the checkpoint: other engines' file formats."""
    dtype: str = "auto"
    threads: int = 0
    """0 is what the engine takes by itself."""
    most_stories: int = 32

    @property
    def name(self) -> str:
        """Give the name that tells it from other setups."""
        parts = [self.engine, *([self.dtype] if self.dtype != "auto" else [])]
        return ":".join([*parts, *([str(self.threads)] if self.threads else [])])

    def made_file(self, ending: str) -> Path:
        """Give the place of a file made of this checkpoint; another checkpoint of that name has another place."""
        path = Path(checkpoint_path(self.checkpoint))
        weights = path / "model.safetensors"
        state = f"{path.resolve()} {weights.stat().st_size} {weights.stat().st_mtime_ns}" if weights.is_file() else ""
        return Path(self.cache) / f"{path.name}-{crc32(state.encode()):08x}{ending}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One story as it was met, in seconds since it was asked for."""

    first: float
    """When its first words could be read."""
    last: float
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one engine did with one case in one round."""

    setup: str
    case: Case
    tellings: list[Telling]
    resident_mb: float
    """Of memory, right after it."""
    peak_mb: float
    """The most until then, loading included."""

    @property
    def seconds(self) -> float:
        """Give how long all tellings took."""
        return max(telling.last for telling in self.tellings)

    @property
    def speed(self) -> float:
        """Give tokens a second, of all stories together."""
        return sum(telling.tokens for telling in self.tellings) / self.seconds

    @property
    def one_by_one(self) -> bool:
        """Whether only a sample was written, one after the other."""
        return len(self.tellings) < self.case.stories

    def times(self) -> list[Telling]:
        """Give all stories of the case; those that one engine would have written later are worked out."""
        if not self.one_by_one:
            return self.tellings
        each = self.seconds / len(self.tellings)
        first = sum(telling.first - number * each for number, telling in enumerate(self.tellings)) / len(self.tellings)
        tokens = self.tellings[0].tokens
        return [
            Telling(first=number * each + first, last=(number + 1) * each, tokens=tokens)
            for number in range(self.case.stories)
        ]


def as_json(run: Run) -> dict[str, Any]:
    """Give a run as plain JSON."""
    return asdict(run)


def setup_of(text: str, checkpoint: str, cache: str, most_stories: int) -> Setup:
    """Read a setup from the command line: ``storybot``, ``storybot:int8``, ``storybot:2``, ``storybot:int8:2``."""
    engine, *more = text.split(":")
    threads = [int(part) for part in more if part.isdigit()]
    formats = [part for part in more if not part.isdigit()]
    return Setup(
        engine=engine,
        checkpoint=checkpoint,
        cache=cache,
        dtype=formats[0] if formats else "auto",
        threads=threads[0] if threads else 0,
        most_stories=most_stories,
    )
