"""Measure how well a checkpoint predicts stories that it has not seen: perplexity and bits per byte, by genre.

A story that is longer than the model's input is measured whole, in windows. Every window begins with
``<BOS> <genre>``, has half a window of the text before as context, and counts only what follows that;
so each token of the text, and the end mark, is counted once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storygen.prompt import BOS, EOS, render_prompt
from training.evaluate.labelled import LabelledStory
from training.train.examples import IGNORED

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerBase

    from storygen.checkpoint import Checkpoint

__all__ = ["LabelledStory", "Measured", "Window", "by_genre", "measure", "total", "windows_of"]

_WINDOWS_AT_ONCE = 8


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


def total(measured: Iterable[Measured]) -> Measured:
    """Give the sums over all."""
    overall = Measured()
    for each in measured:
        overall.add(each)
    return overall


def by_genre(stories: Sequence[LabelledStory], measured: Sequence[Measured]) -> dict[str, dict[str, float]]:
    """Give the figures of each genre, sorted by name; a story without a genre counts as ``none``."""
    genres: dict[str, Measured] = {}
    for story, each in zip(stories, measured, strict=True):
        genres.setdefault(story.genre or "none", Measured()).add(each)
    return {name: genres[name].figures() for name in sorted(genres)}


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
