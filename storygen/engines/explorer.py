"""From the logits of one row to what can be told of its next token. On the worker's thread, before the token is drawn.

The stages are the sampler's own functions with the later options switched off, so the last one is what it draws from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import Tensor

from storygen.engines.sampler import candidate_probabilities
from storygen.exploration import RULES, NextTokens, Stage, TokenOdds
from storygen.sampling import SamplingOptions

TextOf = Callable[[int], str]
"""Gives what a token adds to a text."""

_CUTTING = ("top_k", "top_p", "do_sample")


def next_tokens(logits: Tensor, scores: Tensor, options: SamplingOptions, *, shown: int, text_of: TextOf) -> NextTokens:
    """Tell the ``shown`` most probable tokens of one row and what each stage does to them.

    ``logits`` are the model's, ``scores`` the same after penalty and rules, as the sampler draws from them.
    """
    own = logits.double().softmax(dim=-1)
    stages = _stages(scores, options)
    ranks = scores.argsort(descending=True, stable=True).argsort() + 1
    best = logits.topk(min(shown, len(logits))).indices.tolist()

    def odds(token: int) -> TokenOdds:
        after = {name: float(probabilities[token]) for name, probabilities in stages}
        allowed = bool(scores[token].isfinite())
        return TokenOdds(
            text=text_of(token),
            rank=int(ranks[token]) if allowed else None,
            logit=float(logits[token]),
            probability=float(own[token]),
            after=tuple(after.values()),
            cut_by=_cut_by(after) if allowed else RULES,
        )

    return NextTokens(
        vocabulary=len(logits),
        choices=_choices(own),
        tokens=tuple(odds(token) for token in best),
        edges=tuple(odds(token) for token in _edges(scores, stages)),
        stages=tuple(_told(own, stages, options)),
    )


def _stages(scores: Tensor, options: SamplingOptions) -> list[tuple[str, Tensor]]:
    """Give the probabilities of the whole vocabulary after each stage, by the option that makes it."""
    upto = replace(options, temperature=1.0, top_k=0, top_p=1.0)
    stages = [("repetition_penalty", _probabilities(scores, upto))]
    if not options.do_sample:
        best = torch.zeros_like(stages[0][1])
        best[scores.argmax()] = 1.0
        return [*stages, ("do_sample", best)]
    for name in ("temperature", "top_k", "top_p"):
        upto = replace(upto, **{name: getattr(options, name)})
        stages.append((name, _probabilities(scores, upto)))
    return stages


def _probabilities(scores: Tensor, options: SamplingOptions) -> Tensor:
    probabilities, tokens = candidate_probabilities(scores[None], [options])
    return torch.zeros(len(scores), dtype=torch.float64, device=scores.device).scatter(0, tokens[0], probabilities[0])


def _edges(scores: Tensor, stages: list[tuple[str, Tensor]]) -> list[int]:
    """Give the best token that each stage cuts off, and the last one that all leave, by their scores."""
    edges, before = set(), stages[0][1]
    for _, probabilities in stages[1:]:
        gone = (before > 0) & (probabilities == 0)
        if gone.any():
            edges.add(int(scores.where(gone, -torch.inf).argmax()))
        before = probabilities
    if edges:
        edges.add(int(scores.where(before > 0, torch.inf).argmin()))
    return sorted(edges, key=lambda token: -float(scores[token]))


def _told(own: Tensor, stages: list[tuple[str, Tensor]], options: SamplingOptions) -> Iterator[Stage]:
    before = own
    for name, probabilities in stages:
        left = probabilities > 0
        yield Stage(
            option=name,
            value=getattr(options, name),
            tokens=int(left.sum()),
            choices=_choices(probabilities),
            cut=float(before[~left].sum()),
        )
        before = probabilities


def _cut_by(after: dict[str, float]) -> str | None:
    return next((name for name, probability in after.items() if probability == 0.0 and name in _CUTTING), None)


def _choices(probabilities: Tensor) -> float:
    return float(torch.special.entr(probabilities).sum().exp())


def text_of_token(token: str, decoded: str) -> str:
    """Give a token's text; bytes that are only a part of a letter as ``⟨E2 80⟩``.

    ``token`` is how the byte-level tokenizer writes it down, ``decoded`` what its decoder makes of it.
    """
    if "\ufffd" not in decoded:
        return decoded
    return f"⟨{' '.join(f'{_BYTES[sign]:02X}' for sign in token if sign in _BYTES)}⟩"


def _byte_signs() -> dict[str, int]:
    """Give the byte of each sign that GPT-2's tokenizer writes for one: itself where that can be read."""
    readable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in readable]
    return {chr(byte): byte for byte in readable} | {chr(256 + place): byte for place, byte in enumerate(others)}


_BYTES = _byte_signs()
