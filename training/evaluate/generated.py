"""Let a checkpoint tell stories through the bot's own engine, with fixed seeds, and keep them as JSON Lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from storygen.engines.local import LocalEngine
from storygen.genre import Genre
from storygen.polish import polish
from storygen.prompt import clean_text, parse_prompt
from storygen.sampling import SamplingOptions
from storygen.story import Story, StoryRequest
from training.errors import TrainingError
from training.works import open_text, read_jsonl

STORIES_FILE = "stories.jsonl"
ROWS = 16
"""Stories written at once. Always the same: another number can change a story by a rounding."""
_PATIENCE = 7 * 24 * 3600.0  # seconds; nobody waits in a chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A story that is wanted."""

    genre: str
    prompt: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """A story that the checkpoint told."""

    genre: str
    prompt: str
    """Empty where the model began by itself."""
    seed: int
    text: str
    """What the model wrote, as it wrote it, without the prompt."""
    shown: str
    """The same as the bot shows it: polished, up to its last whole sentence."""
    finish_reason: str
    """``eos`` where the model ended it, ``length`` where it was cut off."""
    new_tokens: int


def wishes(genres: Sequence[str], count: int, first_seed: int) -> list[Wish]:
    """Give ``count`` stories a genre without a prompt; their seeds count up and are the same in every genre."""
    seeds = range(first_seed, first_seed + count)
    return [Wish(genre=genre, prompt="", seed=seed) for genre in genres for seed in seeds]


def prompted_wishes(path: Path, genres: Sequence[str], first_seed: int) -> list[Wish]:
    """Read prompts, one a line: ``<BOS> <genre> text`` is told in its genre, any other line in all of them.

    The seed counts up with the lines. Raises TrainingError for a file without prompts and for a genre that the
    checkpoint does not have.
    """
    with open_text(path) as stream:
        lines = [line.strip() for line in stream if line.strip()]
    if not lines:
        raise TrainingError(f"{path} holds no prompts.")
    return [wish for number, line in enumerate(lines) for wish in _from_line(line, path, genres, first_seed + number)]


def tell(
    checkpoint: str,
    wanted: Sequence[Wish],
    options: SamplingOptions,
    progress: Callable[[int], None],
    *,
    device: str = "cpu",
    threads: int = 1,
) -> list[ToldStory]:
    """Write the stories with the engine of the bot, many at once; ``progress`` is told how many are done.

    Raises UnknownGenre and InvalidOption for what the bot would refuse, and CheckpointError.
    """
    engine = LocalEngine(
        checkpoint, device=device, rows=ROWS, queue_limit=max(1, len(wanted)), threads=threads, dtype="float32"
    )
    return asyncio.run(_tell(engine, wanted, options, progress))


def write_told(path: Path, stories: Iterable[ToldStory]) -> None:
    """Write stories as JSON Lines. The same stories give the same bytes."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for story in stories:
            stream.write(json.dumps(asdict(story), ensure_ascii=False, sort_keys=True) + "\n")


def read_told(path: Path, genres: Sequence[str]) -> list[ToldStory]:
    """Read what :func:`write_told` wrote. Raises TrainingError where it is not that, or has an unknown genre."""
    wanted = {field.name for field in fields(ToldStory)}
    stories = []
    for number, record in enumerate(read_jsonl(path), start=1):
        if set(record) != wanted:
            raise TrainingError(f"{path}, line {number}, is not a story that storytrain evaluate has written.")
        _require_known(record["genre"], f"{path}, line {number},", genres)
        stories.append(ToldStory(**record))
    if not stories:
        raise TrainingError(f"{path} holds no stories.")
    return stories


async def _tell(
    engine: LocalEngine, wanted: Sequence[Wish], options: SamplingOptions, progress: Callable[[int], None]
) -> list[ToldStory]:
    told = []
    async with engine:
        generations = [engine.submit(_request(wish, options, engine.genres)) for wish in wanted]
        for number, (wish, generation) in enumerate(zip(wanted, generations, strict=True), start=1):
            told.append(_told(wish, await generation.story()))
            progress(number)
    return told


def _request(wish: Wish, options: SamplingOptions, genres: Sequence[Genre]) -> StoryRequest:
    prompt = clean_text(wish.prompt, genres)
    return StoryRequest(genre=wish.genre, prompt=prompt, options=options, seed=wish.seed, deadline_seconds=_PATIENCE)


def _told(wish: Wish, story: Story) -> ToldStory:
    return ToldStory(
        genre=wish.genre,
        prompt=wish.prompt,
        seed=wish.seed,
        text=story.text,
        shown=polish(story.text).strip(),
        finish_reason=str(story.finish_reason),
        new_tokens=story.new_tokens,
    )


def _from_line(line: str, path: Path, genres: Sequence[str], seed: int) -> list[Wish]:
    parsed = parse_prompt(line)
    if parsed.genre is None:
        return [Wish(genre=genre, prompt=parsed.text, seed=seed) for genre in genres]
    _require_known(parsed.genre, f"{path}: a prompt", genres)
    return [Wish(genre=parsed.genre, prompt=parsed.text, seed=seed)]


def _require_known(genre: str, whose: str, genres: Sequence[str]) -> None:
    if genre not in genres:
        raise TrainingError(f"{whose} has the genre {genre!r}; this checkpoint knows {', '.join(genres)}.")
