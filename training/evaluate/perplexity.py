"""Measure how well a checkpoint predicts stories that it has not seen: perplexity and bits per byte, by genre.

A story that is longer than the model's input is measured whole, in windows. Every window begins with
``<BOS> <genre>``, has half a window of the text before as context, and counts only what follows that;
so each token of the text, and the end mark, is counted once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storygen.checkpoint import load
from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import BOS, EOS, parse_prompt, render_prompt
from training.errors import TrainingError
from training.evaluate.report import write_report
from training.train.examples import IGNORED
from training.works import open_text, read_works

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from storygen.checkpoint import Checkpoint

_WINDOWS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class LabelledStory:
    """A story and its genre; None where it has none of the model's."""

    genre: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of tokens of which those from ``scored_from`` on count."""

    input_ids: list[int]
    scored_from: int


@dataclass(slots=True)
class Measured:
    """Sums over the stories of a genre, or of all."""

    stories: int = 0
    bytes: int = 0
    """Of the text in UTF-8, without control tokens."""
    tokens: int = 0
    """Of the text, and one for each end."""
    nats: float = 0.0
    """What the model needs to tell these tokens."""

    def add(self, other: Measured) -> None:
        """Add other sums to these."""
        self.stories += other.stories
        self.bytes += other.bytes
        self.tokens += other.tokens
        self.nats += other.nats

    def figures(self) -> dict[str, float]:
        """Give the counts with perplexity per token and bits per byte of text."""
        return {
            "stories": self.stories,
            "bytes": self.bytes,
            "tokens": self.tokens,
            "perplexity": round(math.exp(self.nats / self.tokens), 3),
            "bits_per_byte": round(self.nats / math.log(2) / self.bytes, 4),
        }


def evaluate(
    checkpoint: str, stories_file: Path, out: Path, *, threads: int = 1, device: str = "cpu"
) -> dict[str, Any]:
    """Measure ``checkpoint`` on a file of stories; write ``report.json`` and ``report.md`` into ``out``.

    Raises TrainingError for a file without stories, CheckpointError for a checkpoint that can't be loaded.
    """
    import torch

    torch.set_num_threads(threads)
    stories = read_stories(stories_file)
    loaded = load(checkpoint, device)
    genres: dict[str, Measured] = {}
    for story in stories:
        genres.setdefault(story.genre or "none", Measured()).add(measure(loaded, story))
    overall = Measured()
    for measured in genres.values():
        overall.add(measured)
    report = {
        "checkpoint": loaded.info.name,
        "weights": loaded.model.num_parameters(),
        "stories": stories_file.name,
        "overall": overall.figures(),
        "by_genre": {name: genres[name].figures() for name in sorted(genres)},
    }
    write_report(out, report)
    return report


def read_stories(path: Path) -> list[LabelledStory]:
    """Read JSON Lines with ``genre`` and ``text`` (its name has ``.jsonl``), or rendered examples, one a line."""
    if ".jsonl" in path.suffixes:
        genres = [genre.name for genre in ORIGINAL_GENRES]
        stories = [LabelledStory(work.genre, work.text) for work in read_works(path, path.stem, genres)]
    else:
        with open_text(path) as stream:
            stories = [_from_rendered(line) for line in stream if line.strip()]
    stories = [story for story in stories if story.text]
    if not stories:
        raise TrainingError(f"{path} holds no stories.")
    return stories


def measure(checkpoint: Checkpoint, story: LabelledStory) -> Measured:
    """Measure one story, however long."""
    prefix, text = _encode(checkpoint.tokenizer, story)
    windows = list(windows_of(prefix, text, checkpoint.model.config.n_positions))
    batches = (windows[start : start + _WINDOWS_AT_ONCE] for start in range(0, len(windows), _WINDOWS_AT_ONCE))
    nats = sum(_nats(checkpoint, batch) for batch in batches)
    return Measured(stories=1, bytes=len(story.text.encode()), tokens=len(text), nats=nats)


def windows_of(prefix: Sequence[int], text: Sequence[int], positions: int) -> Iterator[Window]:
    """Cut a text into windows of at most ``positions`` tokens, each beginning with the prefix."""
    room = positions - len(prefix)
    context = room // 2
    done = 0
    while done < len(text):
        begin = max(0, done - context)
        end = min(len(text), begin + room)
        yield Window([*prefix, *text[begin:end]], len(prefix) + done - begin)
        done = end


def _encode(tokenizer: PreTrainedTokenizerBase, story: LabelledStory) -> tuple[list[int], list[int]]:
    prompt = render_prompt(story.genre) if story.genre else BOS
    prefix = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    ids = tokenizer(f"{prompt} {story.text} {EOS}", add_special_tokens=False, verbose=False)["input_ids"]
    return ids[: len(prefix)], ids[len(prefix) :]


def _nats(checkpoint: Checkpoint, windows: Iterable[Window]) -> float:
    import torch

    input_ids, labels, attention = _padded(list(windows), int(checkpoint.tokenizer.pad_token_id))
    device = checkpoint.model.device
    with torch.inference_mode():
        logits = checkpoint.model(input_ids=input_ids.to(device), attention_mask=attention.to(device)).logits
        losses = torch.nn.functional.cross_entropy(
            logits[:, :-1].flatten(0, 1).float(),
            labels[:, 1:].flatten().to(device),
            ignore_index=IGNORED,
            reduction="sum",
        )
    return float(losses)


def _padded(windows: Sequence[Window], pad: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    import torch

    longest = max(len(window.input_ids) for window in windows)
    input_ids = torch.full((len(windows), longest), pad)
    labels = torch.full((len(windows), longest), IGNORED)
    attention = torch.zeros((len(windows), longest), dtype=torch.long)
    for row, window in enumerate(windows):
        ids, scored = torch.tensor(window.input_ids), window.scored_from
        input_ids[row, : len(ids)] = ids
        labels[row, scored : len(ids)] = ids[scored:]
        attention[row, : len(ids)] = 1
    return input_ids, labels, attention


def _from_rendered(line: str) -> LabelledStory:
    parsed = parse_prompt(line.strip().removesuffix(EOS).rstrip())
    return LabelledStory(parsed.genre, parsed.text)
