"""What a number format changes in what the model says, against float32, on texts that the model wrote in float32.

``python -m tests.benchmarks.prove.formats CHECKPOINT FORMAT STORIES`` prints for the next token of every place how far
the format's probabilities are from float32's (Kullback and Leibler's divergence, 1951, in bits), how much less
probable the written token became, and how often both have the same most probable token. It fails where the
divergence is more than a hundredth of what float32 itself does not know of a token.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from storygen.checkpoint import load
from storygen.engines.forward import Forward
from storygen.engines.loading import load_writer
from storygen.engines.model_runner import forward_for
from storygen.engines.number_format import FLOAT32, number_format
from tests.benchmarks.prove.recipes import recipes

_MOST = 0.01
_BIT = math.log(2)


@dataclass(slots=True)
class Change:
    """Sums over tokens, in bits."""

    tokens: int = 0
    unknown: float = 0.0
    """What float32 did not know of the written tokens."""
    divergence: float = 0.0
    lost: float = 0.0
    same_best: int = 0

    def add(self, exact: Tensor, other: Tensor, written: int) -> None:
        """Take one place: logits in float32 and in the format, and the token that was written there."""
        exact, other = torch.log_softmax(exact.double(), -1), torch.log_softmax(other.double(), -1)
        self.tokens += 1
        self.unknown -= float(exact[written]) / _BIT
        self.lost += float(exact[written] - other[written]) / _BIT
        self.divergence += float((exact.exp() * (exact - other)).sum()) / _BIT
        self.same_best += int(exact.argmax() == other.argmax())


def texts(checkpoint: str, count: int) -> Iterator[list[int]]:
    """Let the model write stories in float32, and give their tokens with those of the prompt."""
    writer = load_writer(checkpoint, device="cpu", rows=1, threads=0, dtype=FLOAT32)
    for ask in recipes(count):
        window = writer.window(writer.genre_input(ask.genre, ask.prompt), ask.options.max_new_tokens)
        story = writer.begin(window, ask.options, ask.seed)
        while not any(progress.ended for progress in writer.step()):
            pass
        yield [*window.token_ids, *writer.encode(story.stream.text)]


def logits(forward: Forward, tokens: Sequence[int]) -> Iterator[Tensor]:
    """Give what follows after each token but the last."""
    forward.cache.reserve(1, len(tokens))
    for place, token in enumerate(tokens[:-1]):
        yield forward.step(torch.tensor([token]), torch.tensor([place]), place + 1)[0]


def main() -> None:
    """Try one format with one checkpoint."""
    checkpoint, dtype, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    model = load(checkpoint, "cpu").model
    change = Change()
    with torch.inference_mode():
        exact, other = (forward_for(model, number_format(name), is_static=False) for name in (FLOAT32, dtype))
        for tokens in texts(checkpoint, count):
            for here, there, written in zip(logits(exact, tokens), logits(other, tokens), tokens[1:], strict=True):
                change.add(here, there, written)
    unknown, divergence, lost = (sum_ / change.tokens for sum_ in (change.unknown, change.divergence, change.lost))
    print(  # noqa: T201 - a command prints
        f"{checkpoint}, {dtype} against float32, {change.tokens} tokens of {count} stories: "
        f"{divergence:.4f} bits a token apart, "
        f"{lost:+.4f} lost of {unknown:.2f}; the same most probable token at {change.same_best / change.tokens:.1%}"
    )
    sys.exit(0 if divergence <= _MOST * unknown else 1)


if __name__ == "__main__":
    main()
