"""From logits to tokens, each row by its own options: transformers' processors in their order. On the worker's thread.

The order is repetition penalty, forbidden tokens, temperature, top_k, top_p, draw. Control tokens
are never written, neither sampled nor greedily, save the one that ends a story, and that one not
among the first MIN_NEW_TOKENS: ``generate()`` does the same with ``suppress_tokens`` and ``min_new_tokens``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

import torch
from torch import Tensor

from storygen.engines.native.drawing import draw
from storygen.engines.native.library import library
from storygen.sampling import SamplingOptions

MIN_NEW_TOKENS = 8
"""A story does not end before this many tokens: an answer of nothing helps nobody."""

Look = Callable[[Tensor, Tensor], None]
"""Is shown the logits of one row, and what they are after penalty and forbidden tokens."""

_FIRST_LOOK = 1024
"""So many most probable tokens nearly always reach top_p; where they do not, all are sorted."""
_COLUMNS = 64  # by which the table of used tokens grows


@dataclass(slots=True)
class _Row:
    options: SamplingOptions
    random: Random
    tokens: int
    """How many it has used: its prompt's and its own."""
    least: int
    """How many of its own it has at least, before it may end."""
    new_tokens: int = 0


class _Way(Enum):
    BEST = auto()
    AMONG_SOME = auto()
    AMONG_ALL = auto()


class Sampler:
    """Keeps what each row has used and draws one token for each."""

    def __init__(
        self, *, rows: int, vocabulary: int, ends: Sequence[int], forbidden: Sequence[int], device: torch.device
    ) -> None:
        self._vocabulary = vocabulary
        self._ends = torch.tensor(list(ends), device=device)
        self._forbidden = torch.tensor(list(forbidden), device=device, dtype=torch.long)
        self._used = torch.zeros(rows, 1, dtype=torch.long, device=device)
        """The tokens of each row, by column; what lies beyond a row's own repeats its first."""
        self._library = library() if device.type == "cpu" else None
        self._rows: dict[int, _Row] = {}
        self._looks: dict[int, Look] = {}

    def add(
        self, row: int, prompt: Sequence[int], options: SamplingOptions, seed: int, least: int = MIN_NEW_TOKENS
    ) -> None:
        """Begin a row of at least ``least`` tokens: its prompt counts as used for the repetition penalty."""
        random = Random(seed)  # noqa: S311 - stories, not keys; its sequence is guaranteed
        self._rows[row] = _Row(options, random, len(prompt), least)
        self._widen(len(prompt))
        self._used[row] = prompt[0]
        self._used[row, : len(prompt)] = torch.tensor(list(prompt), device=self._used.device)

    def remove(self, row: int) -> None:
        """Forget a row."""
        del self._rows[row]

    def look_at(self, row: int, look: Look) -> None:
        """Have ``look`` called once, before the next token of a row is drawn; the row may still have to be added."""
        self._looks[row] = look

    def look_away(self, row: int) -> None:
        """Forget who wanted to look at a row, where anybody did."""
        self._looks.pop(row, None)

    def draw(self, logits: Tensor) -> dict[int, int]:
        """Give the next token of every row from ``[rows, vocabulary]``; lines of unknown rows are not looked at.

        The logits may be changed: nobody needs them afterwards, and a copy of them would take longest of all.
        """
        rows = sorted(self._rows)
        scores = self.scores(rows, logits, in_place=not self._looks)
        for row in [row for row in rows if row in self._looks]:
            self._looks.pop(row)(logits[row], scores[rows.index(row)])
        tokens = self._tokens(rows, scores)
        self._remember(rows, tokens)
        return dict(zip(rows, tokens, strict=True))

    def scores(self, rows: list[int], logits: Tensor, *, in_place: bool = False) -> Tensor:
        """Give the logits of ``rows`` after penalty and forbidden tokens; ``in_place`` may write them over."""
        scores = logits if in_place and len(rows) == len(logits) else logits[rows]
        scores.index_fill_(1, self._forbidden, -torch.inf)
        penalties = [self._rows[row].options.repetition_penalty for row in rows]
        if any(penalty != 1.0 for penalty in penalties):
            self._penalize(scores, rows, penalties)
        early = [place for place, row in enumerate(rows) if self._rows[row].new_tokens < self._rows[row].least]
        if early:
            scores[torch.tensor(early, device=scores.device)[:, None], self._ends] = -torch.inf
        return scores

    def _penalize(self, scores: Tensor, rows: list[int], penalties: list[float]) -> None:
        width = max(self._rows[row].tokens for row in rows)
        used = self._used[: len(rows), :width] if rows == list(range(len(rows))) else self._used[rows, :width]
        penalty = torch.tensor(penalties, device=scores.device)[:, None]
        before = scores.gather(1, used)
        # A token that was used several times gets the same value several times.
        scores.scatter_(1, used, torch.where(before < 0, before * penalty, before / penalty))

    def _remember(self, rows: list[int], tokens: list[int]) -> None:
        self._widen(max((self._rows[row].tokens + 1 for row in rows), default=0))
        columns = [self._rows[row].tokens for row in rows]
        self._used[rows, columns] = torch.tensor(tokens, dtype=torch.long, device=self._used.device)
        for row in rows:
            self._rows[row].tokens += 1
            self._rows[row].new_tokens += 1

    def _widen(self, width: int) -> None:
        missing = width - self._used.shape[1]
        if missing > 0:
            self._used = torch.cat([self._used, self._used[:, :1].expand(-1, max(missing, _COLUMNS))], dim=1)

    def _tokens(self, rows: list[int], scores: Tensor) -> list[int]:
        if self._library is not None:
            group = [self._rows[row] for row in rows]
            uniforms = [row.random.random() if row.options.do_sample else 0.0 for row in group]
            return draw(self._library, scores, [row.options for row in group], uniforms)
        tokens = [0] * len(rows)
        for way, places in self._ways(rows).items():
            some = scores if len(places) == len(rows) else scores[places]
            best = way is _Way.BEST
            picked = some.argmax(dim=-1).tolist() if best else self._drawn([rows[place] for place in places], some)
            for place, token in zip(places, picked, strict=True):
                tokens[place] = token
        return tokens

    def _drawn(self, rows: list[int], scores: Tensor) -> list[int]:
        group = [self._rows[row] for row in rows]
        probabilities, candidates = candidate_probabilities(scores, [row.options for row in group])
        return _pick(probabilities, candidates, [row.random.random() for row in group])

    def _ways(self, rows: list[int]) -> dict[_Way, list[int]]:
        """Give the places of the rows by how they choose, those that need the whole vocabulary sorted apart."""
        ways: dict[_Way, list[int]] = {}
        for place, row in enumerate(rows):
            options = self._rows[row].options
            way = _Way.BEST if not options.do_sample else _Way.AMONG_SOME if options.top_k else _Way.AMONG_ALL
            ways.setdefault(way, []).append(place)
        return ways


def candidate_probabilities(scores: Tensor, options: Sequence[SamplingOptions]) -> tuple[Tensor, Tensor]:
    """Give the tokens that may follow, by id, and their probabilities, each row by its own options.

    Both are ``[rows, candidates]``; candidates that a row's own top_k or top_p leaves out have probability 0.
    """
    vocabulary = scores.shape[-1]
    top_k = [min(option.top_k or vocabulary, vocabulary) for option in options]
    if min(top_k) == vocabulary:
        return _probabilities_of_all(scores, options)
    best, tokens = scores.topk(max(top_k))
    best = best / _column(scores, [option.temperature for option in options])
    if min(top_k) < max(top_k):
        last = best.gather(1, torch.tensor(top_k, device=scores.device)[:, None] - 1)
        best = best.masked_fill(best < last, -torch.inf)
    probabilities = best.double().softmax(dim=-1)
    # A token stays while those before it have not reached top_p together; the first always stays.
    before = probabilities.cumsum(dim=-1) - probabilities
    top_p = _column(scores, [option.top_p if option.top_p < 1 else torch.inf for option in options])
    probabilities = probabilities.masked_fill(before >= top_p, 0.0)
    # By id, not by rank: two tokens that are nearly level must not change places by a rounding.
    tokens, order = tokens.sort(dim=-1)
    probabilities = probabilities.gather(1, order)
    return probabilities / probabilities.sum(dim=-1, keepdim=True), tokens


def _probabilities_of_all(scores: Tensor, options: Sequence[SamplingOptions]) -> tuple[Tensor, Tensor]:
    """Give ``candidate_probabilities`` for rows without top_k: every token is a candidate.

    To sort a whole vocabulary takes longest, and only the most probable tokens decide where top_p cuts.
    """
    probabilities = (scores / _column(scores, [option.temperature for option in options])).double().softmax(dim=-1)
    tokens = torch.arange(scores.shape[-1], device=scores.device).expand_as(scores)
    if all(option.top_p >= 1 for option in options):
        return probabilities, tokens
    top_p = _column(scores, [option.top_p if option.top_p < 1 else torch.inf for option in options])
    best, ranked = probabilities.topk(min(_FIRST_LOOK, scores.shape[-1]))
    cut = best.cumsum(dim=-1) - best >= top_p
    if not bool(cut[:, -1].all()):
        best, ranked = probabilities.sort(dim=-1, descending=True)
        cut = best.cumsum(dim=-1) - best >= top_p
    kept = torch.zeros_like(probabilities, dtype=torch.bool).scatter_(1, ranked, ~cut)
    probabilities = probabilities.masked_fill(~kept, 0.0)
    return probabilities / probabilities.sum(dim=-1, keepdim=True), tokens


def _column(scores: Tensor, values: list[float]) -> Tensor | float:
    """Give a value for each row; the same for all is one number, and no tensor."""
    first = values[0]
    if all(value == first for value in values):
        return first
    return torch.tensor(values, device=scores.device)[:, None]


def _pick(probabilities: Tensor, candidates: Tensor, uniforms: list[float]) -> list[int]:
    """Invert the distribution function at one uniform number a row."""
    reached = probabilities.cumsum(dim=-1)
    uniform = torch.tensor(uniforms, dtype=torch.float64, device=probabilities.device)[:, None]
    places = (reached <= uniform * reached[:, -1:]).sum(dim=-1, keepdim=True)
    picked: list[int] = candidates.gather(1, places.clamp(max=candidates.shape[1] - 1))[:, 0].tolist()
    return picked
