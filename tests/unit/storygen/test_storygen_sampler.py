"""The sampler against transformers' own processors: the same tokens may follow, with the same probabilities."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    MinNewTokensLengthLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    SuppressTokensLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from storygen.engines.sampler import MIN_NEW_TOKENS, Sampler, candidate_probabilities
from storygen.sampling import SamplingOptions

VOCABULARY = 500
ENDS = [3]
FORBIDDEN = [0, 1, 2, 499]
OPTIONS = [
    SamplingOptions(temperature=1.2, top_k=50, top_p=0.95, repetition_penalty=1.1),
    SamplingOptions(temperature=0.3, top_k=5, top_p=0.5, repetition_penalty=1.0),
    SamplingOptions(temperature=1.0, top_k=0, top_p=0.9, repetition_penalty=1.3),
    SamplingOptions(temperature=2.0, top_k=200, top_p=1.0, repetition_penalty=2.0),
    SamplingOptions(temperature=0.9, top_k=0, top_p=1.0, repetition_penalty=1.0),
    SamplingOptions(temperature=1.5, top_k=1, top_p=0.05, repetition_penalty=1.1),
    SamplingOptions(temperature=0.7, top_k=40, top_p=0.05, repetition_penalty=1.1),
]
CPU = torch.device("cpu")


def new_sampler(rows: int) -> Sampler:
    return Sampler(rows=rows, vocabulary=VOCABULARY, ends=ENDS, forbidden=FORBIDDEN, device=CPU)


def reference(options: SamplingOptions, read: list[int], prompt_length: int, logits: Tensor) -> Tensor:
    """Apply the processors that generate() makes for these options, in its order."""
    processors = LogitsProcessorList([RepetitionPenaltyLogitsProcessor(options.repetition_penalty)])
    processors.append(MinNewTokensLengthLogitsProcessor(prompt_length, MIN_NEW_TOKENS, ENDS))
    processors.append(SuppressTokensLogitsProcessor(FORBIDDEN))
    processors.append(TemperatureLogitsWarper(options.temperature))
    if options.top_k:
        processors.append(TopKLogitsWarper(options.top_k))
    if options.top_p < 1:
        processors.append(TopPLogitsWarper(options.top_p))
    scores: Tensor = processors(torch.LongTensor([read]), logits[None].clone())
    return scores.softmax(-1)[0]


def dense(probabilities: Tensor, tokens: Tensor) -> Tensor:
    return torch.zeros(len(tokens), VOCABULARY, dtype=torch.float64).scatter(1, tokens, probabilities)


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_different_options_have_the_distributions_of_transformers(seed: int) -> None:
    torch.manual_seed(seed)
    random = Random(seed)  # noqa: S311 - a repeatable test
    rows = list(range(len(OPTIONS)))
    sampler = new_sampler(len(rows))
    read = [[random.randrange(VOCABULARY) for _ in range(20)] for _ in rows]
    for row in rows:
        sampler.add(row, read[row], OPTIONS[row], seed)
    for step in range(MIN_NEW_TOKENS + 3):
        logits = torch.randn(len(rows), VOCABULARY) * 4
        scores = sampler.scores(rows, logits)
        for chosen in (rows[:2], rows[2:3], rows[3:4], rows[4:5], rows[5:]):
            ours = dense(*candidate_probabilities(scores[chosen], [OPTIONS[row] for row in chosen]))
            for line, row in zip(ours, chosen, strict=True):
                theirs = reference(OPTIONS[row], read[row], len(read[row]) - step, logits[row]).double()
                assert torch.equal(line > 0, theirs > 0), (row, step)
                torch.testing.assert_close(line, theirs, rtol=1e-4, atol=1e-7)
        for row, token in sampler.draw(logits).items():
            read[row].append(token)


def test_draws_have_the_probabilities_that_were_asked_for() -> None:
    torch.manual_seed(0)
    options = SamplingOptions(top_k=6, top_p=0.9, temperature=1.5, repetition_penalty=1.0)
    logits = torch.randn(VOCABULARY) * 3
    rows = 400
    counts = torch.zeros(VOCABULARY, dtype=torch.float64)
    for base in range(0, 8 * rows, rows):
        sampler = new_sampler(rows)
        for row in range(rows):
            sampler.add(row, [5], options, base + row)
        for token in sampler.draw(logits.repeat(rows, 1)).values():
            counts[token] += 1
    expected = reference(options, [5], 1, logits).double()
    assert not counts[expected == 0].any()
    torch.testing.assert_close(counts / counts.sum(), expected, atol=0.03, rtol=0)


def test_greedy_rows_take_the_best_token_beside_rows_that_sample() -> None:
    torch.manual_seed(1)
    sampler = new_sampler(3)
    greedy = SamplingOptions(do_sample=False, repetition_penalty=1.0)
    for row, options in enumerate([SamplingOptions(), greedy, SamplingOptions(top_k=0)]):
        sampler.add(row, [7], options, 0)
    logits = torch.randn(3, VOCABULARY)
    logits[1, 123] = 50.0
    assert sampler.draw(logits)[1] == 123


def test_control_tokens_are_never_written_and_the_end_not_at_once() -> None:
    for do_sample in (True, False):
        sampler = new_sampler(1)
        sampler.add(0, [7], SamplingOptions(do_sample=do_sample, top_k=0, repetition_penalty=1.0), 0)
        logits = torch.zeros(1, VOCABULARY)
        logits[0, FORBIDDEN] = 100.0
        logits[0, ENDS] = 90.0
        drawn = [sampler.draw(logits.clone())[0] for _ in range(MIN_NEW_TOKENS + 1)]
        assert not set(drawn) & set(FORBIDDEN)
        assert [token in ENDS for token in drawn] == [False] * MIN_NEW_TOKENS + [True]


def test_a_row_that_is_used_again_remembers_nothing() -> None:
    options = replace(OPTIONS[0], repetition_penalty=2.0)
    torch.manual_seed(2)
    logits = torch.randn(1, VOCABULARY)
    used, fresh = new_sampler(1), new_sampler(1)
    used.add(0, list(range(100, 200)), options, 1)
    used.draw(logits.clone())
    used.remove(0)
    for sampler in (used, fresh):
        sampler.add(0, [9], options, 1)
    assert torch.equal(used.scores([0], logits), fresh.scores([0], logits))


def test_free_rows_between_are_not_looked_at() -> None:
    sampler = new_sampler(3)
    for row in range(3):
        sampler.add(row, [9], SamplingOptions(do_sample=False), 1)
    sampler.remove(1)
    logits = torch.full((3, VOCABULARY), torch.nan)
    logits[[0, 2]] = torch.randn(2, VOCABULARY)
    assert sorted(sampler.draw(logits)) == [0, 2]
