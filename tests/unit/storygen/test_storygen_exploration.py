"""What is told of the next token: the same numbers that the sampler draws from, and transformers would."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    MinNewTokensLengthLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    SuppressTokensLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from storygen.checkpoint import Checkpoint, load
from storygen.engines.explorer import next_tokens, text_of_token
from storygen.engines.model_runner import ModelRunner
from storygen.engines.sampler import MIN_NEW_TOKENS, Sampler
from storygen.engines.story_writer import token_rules
from storygen.errors import InvalidOption, UnknownGenre
from storygen.exploration import RULES, NextTokens, TokenOdds, others, visible
from storygen.exploration_table import ROWS, table
from storygen.pipeline import StoryGenerator
from storygen.sampling import SamplingOptions
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint

PROMPT = "<BOS> <horror> The ship left the station before the crew could wake. The ship"
OPTIONS = [
    SamplingOptions(),
    SamplingOptions(temperature=1.3, top_k=20, top_p=0.8, repetition_penalty=1.5),
    SamplingOptions(temperature=0.6, top_k=0, top_p=0.9, repetition_penalty=1.0),
    SamplingOptions(temperature=2.0, top_k=7, top_p=1.0, repetition_penalty=2.0),
]
STAGES = ["repetition_penalty", "temperature", "top_k", "top_p"]


@pytest.fixture(scope="module")
def tiny(tiny_checkpoint: Path) -> Checkpoint:
    return load(str(tiny_checkpoint))


@pytest.fixture(scope="module")
def generator(tiny_checkpoint: Path) -> StoryGenerator:
    return StoryGenerator(str(tiny_checkpoint))


def ids_of(tiny: Checkpoint, prompt: str = PROMPT) -> list[int]:
    ids: list[int] = tiny.tokenizer.backend_tokenizer.encode(prompt, add_special_tokens=False).ids
    return ids


def looked_at(tiny: Checkpoint, options: SamplingOptions) -> tuple[Tensor, NextTokens]:
    """Give the logits of the next token and what is told of them, of every token, with its id as text."""
    seen: list[tuple[Tensor, NextTokens]] = []

    def look(logits: Tensor, scores: Tensor) -> None:
        seen.append((logits.clone(), next_tokens(logits, scores, options, shown=len(logits), text_of=str)))

    runner = runner_for(tiny, 1)
    runner.look_at(runner.add(ids_of(tiny), options, seed=0), look)
    runner.step()
    return seen[0]


def everything(tiny: Checkpoint, options: SamplingOptions) -> NextTokens:
    return looked_at(tiny, options)[1]


def runner_for(tiny: Checkpoint, rows: int) -> ModelRunner:
    rules = token_rules(tiny)
    return ModelRunner(tiny.model, rows=rows, ends=rules.ends, forbidden=rules.forbidden)


@pytest.mark.parametrize("options", OPTIONS)
def test_each_stage_is_what_transformers_processors_leave_up_to_there(
    tiny: Checkpoint, options: SamplingOptions
) -> None:
    read, rules = ids_of(tiny), token_rules(tiny)
    model = tiny.model
    logits = model(torch.tensor([read])).logits[:, -1].detach()
    processors: list[list[LogitsProcessor]] = [
        [
            RepetitionPenaltyLogitsProcessor(options.repetition_penalty),
            MinNewTokensLengthLogitsProcessor(len(read), MIN_NEW_TOKENS, rules.ends),
            SuppressTokensLogitsProcessor(rules.forbidden),
        ],
        [TemperatureLogitsWarper(options.temperature)],
        [TopKLogitsWarper(options.top_k)] if options.top_k else [],
        [TopPLogitsWarper(options.top_p)] if options.top_p < 1 else [],
    ]
    told = everything(tiny, options)
    assert [stage.option for stage in told.stages] == STAGES
    own = logits.softmax(-1)[0]
    for token in told.tokens:
        assert token.logit == pytest.approx(float(logits[0, int(token.text)]), abs=1e-4)
        assert token.probability == pytest.approx(float(own[int(token.text)]), rel=1e-3, abs=1e-9)
    so_far: list[LogitsProcessor] = []
    for place, some in enumerate(processors):
        so_far += some
        theirs = LogitsProcessorList(so_far)(torch.LongTensor([read]), logits.clone()).softmax(-1)[0]
        for token in told.tokens:
            expected = float(theirs[int(token.text)])
            assert token.after[place] == pytest.approx(expected, rel=1e-3, abs=1e-9), (place, token)
            assert (token.after[place] > 0) == (expected > 0)
        assert told.stages[place].tokens == int((theirs > 0).sum())
        entropy = float(torch.special.entr(theirs.double()).sum())
        assert told.stages[place].choices == pytest.approx(torch.tensor(entropy).exp().item(), rel=1e-3)


@pytest.mark.parametrize("options", OPTIONS[:2])
def test_thousands_of_drawn_tokens_have_the_frequencies_that_are_told(
    tiny: Checkpoint, options: SamplingOptions
) -> None:
    logits, explored = looked_at(tiny, options)
    told = {int(token.text): token.after[-1] for token in explored.tokens}
    count, rules = 10_000, token_rules(tiny)
    sampler = Sampler(
        rows=count, vocabulary=len(logits), ends=rules.ends, forbidden=rules.forbidden, device=torch.device("cpu")
    )
    for row in range(count):
        sampler.add(row, ids_of(tiny), options, seed=row)
    drawn = Counter(sampler.draw(logits.expand(count, -1).clone()).values())
    assert all(told[token] > 0 for token in drawn)
    likely = [token for token, probability in told.items() if probability * count >= 5]
    rest = sum(probability for token, probability in told.items() if probability and token not in likely)
    cells = [(drawn[token], told[token] * count) for token in likely]
    if rest * count >= 5:
        cells.append((sum(drawn[token] for token in told if token not in likely), rest * count))
    statistic = sum((seen - expected) ** 2 / expected for seen, expected in cells)
    freedom = len(cells) - 1
    # Chi-square has mean `freedom` and variance 2 * freedom; the seeds are fixed, so this never wavers.
    assert statistic < freedom + 4 * (2 * freedom) ** 0.5
    assert len(cells) > 10


def test_without_sampling_only_the_token_that_is_written_is_left(tiny: Checkpoint) -> None:
    options = SamplingOptions(do_sample=False, repetition_penalty=1.4)
    told = everything(tiny, options)
    runner = runner_for(tiny, 1)
    runner.add(ids_of(tiny), options, seed=0)
    written = runner.step()[0]
    assert [stage.option for stage in told.stages] == ["repetition_penalty", "do_sample"]
    assert [int(token.text) for token in told.tokens if token.after[-1] > 0] == [written]
    assert told.stages[-1].tokens == 1
    assert told.stages[-1].choices == pytest.approx(1.0)


def test_control_tokens_and_an_end_before_the_first_words_are_cut_off_by_the_rules(tmp_path: Path) -> None:
    folder = write_tiny_checkpoint(tmp_path / "m", shape=TinyShape(eos_bias=30.0))
    told = StoryGenerator(str(folder)).explore(PROMPT).next_tokens
    assert told.tokens[0].text == "<EOS>"
    assert told.tokens[0].probability > 0.9
    assert told.tokens[0].after == (0.0, 0.0, 0.0, 0.0)
    assert (told.tokens[0].cut_by, told.tokens[0].rank) == (RULES, None)
    assert told.stages[0].cut == pytest.approx(told.tokens[0].probability, abs=1e-3)


@pytest.mark.parametrize("options", OPTIONS)
def test_the_edges_are_the_last_token_that_is_left_and_the_first_that_each_option_takes(
    tiny: Checkpoint, options: SamplingOptions
) -> None:
    told = everything(tiny, options)
    allowed = sorted((token for token in told.tokens if token.rank), key=lambda token: token.rank or 0)
    last = told.stages[-1].tokens
    assert [token.rank for token in allowed] == list(range(1, len(allowed) + 1))
    assert all((token.after[-1] > 0) == ((token.rank or 0) <= last) for token in allowed)
    expected = {last, last + 1} if told.stages[3].tokens < told.stages[2].tokens else set()
    if told.stages[2].tokens < told.stages[1].tokens:
        expected |= {last, told.stages[2].tokens + 1}
    assert {token.rank for token in told.edges} == expected
    assert {token.cut_by for token in allowed[last:]} <= {"top_k", "top_p"}


def test_what_each_stage_takes_and_leaves_adds_up(generator: StoryGenerator) -> None:
    told = generator.explore(PROMPT, temperature=1.3, top_k=20, top_p=0.8).next_tokens
    assert [stage.cut > 0 for stage in told.stages] == [True, False, True, True]
    assert told.stages[3].cut == pytest.approx(0.2, abs=0.1)
    for place, rest in enumerate(others(told.tokens)):
        shown = sum((token.probability, *token.after)[place] for token in told.tokens)
        assert shown + rest == pytest.approx(1.0)


def test_exploring_does_not_change_what_is_written_afterwards(tiny_checkpoint: Path) -> None:
    first, second = StoryGenerator(str(tiny_checkpoint)), StoryGenerator(str(tiny_checkpoint))
    first.explore(PROMPT, temperature=0.3)
    assert first(PROMPT, seed=3, max_new_tokens=30) == second(PROMPT, seed=3, max_new_tokens=30)


def test_the_end_of_a_prompt_that_is_too_long_is_explored(generator: StoryGenerator) -> None:
    explored = generator.explore("<BOS> <horror> " + "The ship left. " * 300)
    assert explored.prompt_was_cut
    assert explored.prompt_tokens < 256


@pytest.mark.parametrize("wrong", [{"temperature": 0.0}, {"top_p": 1.5}, {"shown": 0}])
def test_what_can_not_be_computed_is_refused(generator: StoryGenerator, wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidOption):
        generator.explore(PROMPT, **wrong)  # type: ignore[arg-type]
    with pytest.raises(UnknownGenre):
        generator.explore("<BOS> <romance> The")


@given(st.text())
def test_everything_in_a_token_can_be_seen(text: str) -> None:
    shown = visible(text)
    assert len(shown) >= len(text)
    assert shown.replace("⟨", "").replace("⟩", "").isprintable()
    assert not any(letter.isspace() for letter in shown)


def test_a_part_of_a_letter_is_shown_by_its_bytes(tiny: Checkpoint) -> None:
    backend = tiny.tokenizer.backend_tokenizer
    texts = {
        text_of_token(backend.id_to_token(token), backend.decode([token], skip_special_tokens=False))
        for token in range(len(tiny.tokenizer))
    }
    assert len(texts) == len(tiny.tokenizer)
    assert "⟨F0⟩" in texts
    assert " the" in texts


def test_the_table_has_a_row_for_each_token_and_those_at_the_cuts(generator: StoryGenerator) -> None:
    explored = generator.explore(PROMPT, top_k=40, top_p=0.6)
    lines = list(table(explored))
    assert lines[0].split() == ["softmax", "penalty", "temperature", "top_k", "top_p"]
    assert lines[1].split()[3:] == ["1.1", "0.9", "40", "0.6"]
    for token in explored.next_tokens.edges:
        assert any(line.startswith(visible(token.text)) and f" {token.rank} " in line for line in lines)
    assert lines[-2].split()[-1] == str(explored.next_tokens.stages[-1].tokens)
    assert len(lines) <= ROWS + 6


def odds(number: int) -> TokenOdds:
    return TokenOdds(text=str(number), rank=number, logit=0.0, probability=0.01, after=(0.01,))


def test_the_rows_at_the_cuts_take_the_place_of_the_last_ones() -> None:
    tokens = tuple(odds(number) for number in range(1, 17))
    told = NextTokens(vocabulary=100, choices=9.0, tokens=tokens, edges=(tokens[8], odds(30), odds(31)), stages=())
    first = told.beginning(11)
    assert [token.rank for token in (*first, *told.beyond(first))] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 30, 31]
