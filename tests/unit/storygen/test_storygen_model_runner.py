"""Adding, stepping and removing rows: seeds, neighbours, memory."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
import torch

from storygen.checkpoint import Checkpoint, load
from storygen.engines.model_runner import PROMPT_CHUNK, ModelRunner, choose_device, limit_threads
from storygen.engines.number_format import BFLOAT16, FLOAT32, INT8
from storygen.engines.row_independence import BatchRule
from storygen.engines.story_writer import token_rules
from storygen.sampling import SamplingOptions
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint

TEXTS = ["", "Batman is hunting down", "She opened the letter; her brother had written it the night he died. " * 4, "é"]


@dataclass(frozen=True)
class Recipe:
    prompt: tuple[int, ...]
    options: SamplingOptions
    seed: int
    length: int


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    folder = tmp_path_factory.mktemp("runner") / "tiny"
    return load(str(write_tiny_checkpoint(folder, shape=TinyShape(eos_bias=-30.0))))


def runner_for(checkpoint: Checkpoint, rows: int, *, dtype: str = FLOAT32, static: bool | None = None) -> ModelRunner:
    rules = token_rules(checkpoint)
    return ModelRunner(
        checkpoint.model, rows=rows, ends=rules.ends, forbidden=rules.forbidden, dtype=dtype, static=static
    )


def random_recipe(random: Random, tokenizer_of: Checkpoint) -> Recipe:
    text = f"<BOS> <{random.choice(['horror', 'drama'])}> {random.choice(TEXTS)}".rstrip()
    options = SamplingOptions(
        do_sample=random.random() < 0.85,
        temperature=random.uniform(0.3, 2.0),
        top_k=random.choice([0, 1, 20, 50, 200]),
        top_p=random.uniform(0.3, 1.0),
        repetition_penalty=random.choice([1.0, 1.1, 1.7]),
    )
    return Recipe(
        tuple(tokenizer_of.tokenizer.encode(text)), options, random.randrange(2**63), random.randrange(20, 90)
    )


def alone(runner: ModelRunner, recipe: Recipe) -> list[int]:
    row = runner.add(recipe.prompt, recipe.options, recipe.seed)
    tokens = [runner.step()[row] for _ in range(recipe.length)]
    runner.remove(row)
    return tokens


def among_others(runner: ModelRunner, recipes: list[Recipe], random: Random, joins: float) -> list[list[int]]:
    """Write all recipes while others join and leave."""
    waiting, open_rows = list(recipes), dict[int, Recipe]()
    told: dict[Recipe, list[int]] = {recipe: [] for recipe in recipes}
    while waiting or open_rows:
        while waiting and runner.free_rows and random.random() < joins:
            recipe = waiting.pop()
            open_rows[runner.add(recipe.prompt, recipe.options, recipe.seed)] = recipe
        for row, token in runner.step().items():
            told[open_rows[row]].append(token)
            if len(told[open_rows[row]]) == open_rows[row].length:
                runner.remove(row)
                del open_rows[row]
    return [told[recipe] for recipe in recipes]


@pytest.mark.parametrize("dtype", [FLOAT32, BFLOAT16, INT8])
def test_a_seed_repeats_its_story_inside_a_changing_batch(tiny: Checkpoint, dtype: str) -> None:
    random = Random(dtype)  # noqa: S311 - a repeatable test
    recipes = [random_recipe(random, tiny) for _ in range(70)]
    told = among_others(runner_for(tiny, 7, dtype=dtype), recipes, random, joins=0.3)
    single = runner_for(tiny, 1, dtype=dtype)
    assert told == [alone(single, recipe) for recipe in recipes]


def test_a_seed_repeats_its_story_where_kernels_need_full_batches_and_prompts_of_their_own(
    tiny: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "storygen.engines.gpt2_forward.batch_rule", lambda *_, **__: BatchRule(least_rows=5, prompts_join=False)
    )
    random = Random(3)  # noqa: S311 - a repeatable test
    recipes = [random_recipe(random, tiny) for _ in range(20)]
    told = among_others(runner_for(tiny, 5), recipes, random, joins=0.3)
    assert told == [alone(runner_for(tiny, 1), recipe) for recipe in recipes]


def test_a_seed_repeats_its_story_with_static_shapes(tiny: Checkpoint) -> None:
    random = Random(4)  # noqa: S311 - a repeatable test
    recipes = [random_recipe(random, tiny) for _ in range(20)]
    runner = runner_for(tiny, 5, static=True)
    held = runner.cache_bytes
    told = among_others(runner, recipes, random, joins=0.3)
    assert told == [alone(runner, recipe) for recipe in recipes]
    assert runner.cache_bytes == held > 0


def test_static_shapes_write_the_same_greedy_story(tiny: Checkpoint) -> None:
    recipe = Recipe(tuple(tiny.tokenizer.encode("<BOS> <drama> She opened")), SamplingOptions(do_sample=False), 0, 60)
    assert alone(runner_for(tiny, 3, static=True), recipe) == alone(runner_for(tiny, 1), recipe)


def test_a_long_prompt_is_read_in_pieces_while_others_write(tiny: Checkpoint) -> None:
    runner = runner_for(tiny, 3)
    writing = runner.add(tiny.tokenizer.encode("<BOS> <horror>"), SamplingOptions(), 0)
    runner.step()
    reading = runner.add([40] * (2 * PROMPT_CHUNK + 2), SamplingOptions(), 1)
    assert [sorted(runner.step()) for _ in range(3)] == [[writing], [writing], [writing, reading]]


def test_a_row_may_be_given_up_while_its_prompt_is_read(tiny: Checkpoint) -> None:
    runner = runner_for(tiny, 3)
    writing = runner.add(tiny.tokenizer.encode("<BOS> <horror>"), SamplingOptions(), 0)
    for steps in range(3):
        reading = runner.add([40] * 200, SamplingOptions(), 1)
        for _ in range(steps):
            runner.step()
        runner.remove(reading)
        assert sorted(runner.step()) == [writing]
    runner.remove(writing)
    assert runner.cache_bytes == 0


def test_prompts_that_came_first_are_read_first(tiny: Checkpoint) -> None:
    runner = runner_for(tiny, 4)
    runner.add([40] * 2, SamplingOptions(), 0)
    early = runner.add([40] * (PROMPT_CHUNK + 1), SamplingOptions(), 1)
    late = runner.add([40] * (PROMPT_CHUNK + 1), SamplingOptions(), 2)
    runner.step()
    assert early in runner.step()
    assert late in runner.step()


def test_another_seed_tells_another_story(tiny: Checkpoint) -> None:
    prompt = tuple(tiny.tokenizer.encode("<BOS> <horror> The ship"))
    stories = {tuple(alone(runner_for(tiny, 1), Recipe(prompt, SamplingOptions(), seed, 30))) for seed in range(5)}
    assert len(stories) == 5


def test_memory_grows_with_what_is_written_and_goes_with_the_last_row(tiny: Checkpoint) -> None:
    runner = runner_for(tiny, 4)
    assert runner.cache_bytes == 0
    prompt = tiny.tokenizer.encode("<BOS> <horror>")
    rows = [runner.add(prompt, SamplingOptions(), seed) for seed in range(2)]
    small = runner.cache_bytes
    for _ in range(100):
        runner.step()
    assert 0 < small < runner.cache_bytes
    for row in rows:
        runner.remove(row)
    assert runner.cache_bytes == 0


def test_rows_are_used_again(tiny: Checkpoint) -> None:
    runner = runner_for(tiny, 2)
    prompt = tiny.tokenizer.encode("<BOS> <horror>")
    first, second = (runner.add(prompt, SamplingOptions(), seed) for seed in range(2))
    assert runner.free_rows == 0
    with pytest.raises(ValueError, match="not in list"):
        runner.add(prompt, SamplingOptions(), 3)
    runner.remove(first)
    assert runner.add(prompt, SamplingOptions(), 4) == first
    runner.remove(second)
    with pytest.raises(ValueError, match="not in use"):
        runner.remove(second)


def test_a_story_may_fill_the_last_position_and_no_more(tiny: Checkpoint) -> None:
    runner = runner_for(tiny, 1)
    prompt = [*tiny.tokenizer.encode("<BOS> <horror>"), *[40] * 240]
    row = runner.add(prompt, SamplingOptions(), 0)
    for _ in range(runner.n_positions - len(prompt) + 1):
        assert row in runner.step()
    with pytest.raises(ValueError, match="positions"):
        runner.step()


@pytest.mark.parametrize("length", [0, 256, 300])
def test_a_prompt_that_can_not_be_read_is_refused(tiny: Checkpoint, length: int) -> None:
    runner = runner_for(tiny, 1)
    with pytest.raises(ValueError, match="positions"):
        runner.add([40] * length, SamplingOptions(), 0)
    assert runner.free_rows == 1


def test_stepping_without_rows_does_nothing(tiny: Checkpoint) -> None:
    assert runner_for(tiny, 2).step() == {}


def test_devices_and_threads_are_settings() -> None:
    before = torch.get_num_threads()
    try:
        limit_threads(2)
        assert torch.get_num_threads() == 2
        limit_threads(0, workers=1000)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert choose_device("cpu") == "cpu"
    assert choose_device("auto") in {"cpu", "cuda"}
