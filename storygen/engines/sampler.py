"""From logits to tokens, each row by its own options: transformers' processors in their order. On the worker's thread.

The order is repetition penalty, forbidden tokens, temperature, top_k, top_p, draw. Control tokens
are never written, neither sampled nor greedily, save the one that ends a story, and that one not
among the first MIN_NEW_TOKENS: ``generate()`` does the same with ``suppress_tokens`` and ``min_new_tokens``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import torch
from torch import Tensor

from storygen.sampling import SamplingOptions

MIN_NEW_TOKENS = 8
"""A story does not end before this many tokens: an answer of nothing helps nobody."""


@dataclass(slots=True)
class _Row:
    options: SamplingOptions
    random: Random
    new_tokens: int = 0


class Sampler:
    """Keeps what each row has used and draws one token for each."""

    def __init__(
        self, *, rows: int, vocabulary: int, ends: Sequence[int], forbidden: Sequence[int], device: torch.device
    ) -> None:
        self._ends = torch.tensor(list(ends), device=device)
        self._forbidden = torch.tensor(list(forbidden), device=device, dtype=torch.long)
        self._seen = torch.zeros(rows, vocabulary, dtype=torch.bool, device=device)
        self._rows: dict[int, _Row] = {}

    def add(self, row: int, prompt: Sequence[int], options: SamplingOptions, seed: int) -> None:
        """Begin a row: its prompt counts as used for the repetition penalty."""
        self._rows[row] = _Row(options, Random(seed))  # noqa: S311 - stories, not keys; its sequence is guaranteed
        self._seen[row] = False
        self._seen[row, torch.tensor(list(prompt), device=self._seen.device)] = True

    def remove(self, row: int) -> None:
        """Forget a row."""
        del self._rows[row]

    def draw(self, logits: Tensor) -> dict[int, int]:
        """Give the next token of every row from ``[rows, vocabulary]``; lines of unknown rows are not looked at."""
        rows = sorted(self._rows)
        tokens = self._tokens(rows, self.scores(rows, logits))
        self._seen[torch.tensor(rows), torch.tensor(tokens)] = True
        for row in rows:
            self._rows[row].new_tokens += 1
        return dict(zip(rows, tokens, strict=True))

    def scores(self, rows: list[int], logits: Tensor) -> Tensor:
        """Give the logits of ``rows`` after penalty and forbidden tokens."""
        scores = logits if len(rows) == len(logits) else logits[rows]
        penalties = [self._rows[row].options.repetition_penalty for row in rows]
        if any(penalty != 1.0 for penalty in penalties):
            seen = self._seen[: len(logits)] if len(rows) == len(logits) else self._seen[rows]
            penalty = torch.tensor(penalties, device=scores.device)[:, None]
            scores = torch.where(seen, torch.where(scores < 0, scores * penalty, scores / penalty), scores)
        scores = scores.index_fill(1, self._forbidden, -torch.inf)
        early = [place for place, row in enumerate(rows) if self._rows[row].new_tokens < MIN_NEW_TOKENS]
        if early:
            scores[torch.tensor(early, device=scores.device)[:, None], self._ends] = -torch.inf
        return scores

    def _tokens(self, rows: list[int], scores: Tensor) -> list[int]:
        tokens: list[int] = scores.argmax(dim=-1).tolist()
        for places in self._drawing(rows):
            group = [self._rows[rows[place]] for place in places]
            probabilities, candidates = candidate_probabilities(scores[places], [row.options for row in group])
            drawn = _pick(probabilities, candidates, [row.random.random() for row in group])
            for place, token in zip(places, drawn, strict=True):
                tokens[place] = token
        return tokens

    def _drawing(self, rows: list[int]) -> list[list[int]]:
        """Give the places of the rows that sample, those that need the whole vocabulary sorted apart."""
        groups: dict[bool, list[int]] = {}
        for place, row in enumerate(rows):
            if self._rows[row].options.do_sample:
                groups.setdefault(self._rows[row].options.top_k == 0, []).append(place)
        return list(groups.values())


def candidate_probabilities(scores: Tensor, options: Sequence[SamplingOptions]) -> tuple[Tensor, Tensor]:
    """Give the tokens that may follow, by id, and their probabilities, each row by its own options.

    Both are ``[rows, candidates]``; candidates that a row's own top_k or top_p leaves out have probability 0.
    """

    def column(values: list[float]) -> Tensor:
        return torch.tensor(values, device=scores.device)[:, None]

    vocabulary = scores.shape[-1]
    top_k = [min(option.top_k or vocabulary, vocabulary) for option in options]
    best, tokens = (scores / column([option.temperature for option in options])).topk(max(top_k))
    last = best.gather(1, torch.tensor(top_k, device=scores.device)[:, None] - 1)
    probabilities = best.masked_fill(best < last, -torch.inf).double().softmax(dim=-1)
    # A token stays while those before it have not reached top_p together; the first always stays.
    before = probabilities.cumsum(dim=-1) - probabilities
    top_p = column([option.top_p if option.top_p < 1 else torch.inf for option in options])
    probabilities = probabilities.masked_fill(before >= top_p, 0.0)
    # By id, not by rank: two tokens that are nearly level must not change places by a rounding.
    tokens, order = tokens.sort(dim=-1)
    probabilities = probabilities.gather(1, order)
    return probabilities / probabilities.sum(dim=-1, keepdim=True), tokens


def _pick(probabilities: Tensor, candidates: Tensor, uniforms: list[float]) -> list[int]:
    """Invert the distribution function at one uniform number a row."""
    reached = probabilities.cumsum(dim=-1)
    uniform = torch.tensor(uniforms, dtype=torch.float64, device=probabilities.device)[:, None]
    places = (reached <= uniform * reached[:, -1:]).sum(dim=-1, keepdim=True)
    picked: list[int] = candidates.gather(1, places.clamp(max=candidates.shape[1] - 1))[:, 0].tolist()
    return picked
