"""Adding, stepping and removing rows: seeds, neighbours, memory."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
import torch

from storygen.checkpoint import Checkpoint, load
from storygen.engines.model_runner import ModelRunner, choose_device, limit_threads
from storygen.engines.projection import Projection
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


def runner_for(checkpoint: Checkpoint, rows: int) -> ModelRunner:
    rules = token_rules(checkpoint)
    return ModelRunner(checkpoint.model, rows=rows, ends=rules.ends, forbidden=rules.forbidden)


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


def alone(checkpoint: Checkpoint, recipe: Recipe) -> list[int]:
    runner = runner_for(checkpoint, 1)
    row = runner.add(recipe.prompt, recipe.options, recipe.seed)
    return [runner.step()[row] for _ in range(recipe.length)]


@pytest.mark.parametrize("seed", range(2))
def test_a_seed_repeats_its_story_inside_a_changing_batch(tiny: Checkpoint, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable test
    recipes = [random_recipe(random, tiny) for _ in range(10)]
    runner, waiting = runner_for(tiny, 5), list(recipes)
    open_rows: dict[int, Recipe] = {}
    told: dict[Recipe, list[int]] = {recipe: [] for recipe in recipes}
    while waiting or open_rows:
        if waiting and runner.free_rows and random.random() < 0.2:
            recipe = waiting.pop()
            open_rows[runner.add(recipe.prompt, recipe.options, recipe.seed)] = recipe
        for row, token in runner.step().items():
            told[open_rows[row]].append(token)
            if len(told[open_rows[row]]) == open_rows[row].length:
                runner.remove(row)
                del open_rows[row]
    assert [told[recipe] for recipe in recipes] == [alone(tiny, recipe) for recipe in recipes]


def test_another_seed_tells_another_story(tiny: Checkpoint) -> None:
    prompt = tuple(tiny.tokenizer.encode("<BOS> <horror> The ship"))
    stories = {tuple(alone(tiny, Recipe(prompt, SamplingOptions(), seed, 30))) for seed in range(5)}
    assert len(stories) == 5


def test_a_product_on_the_cpu_gives_a_row_the_same_bits_in_any_batch() -> None:
    torch.manual_seed(0)
    product = Projection(torch.randn(96, 48), torch.randn(96))
    if product._packed is None:
        pytest.skip("this build of torch has no packed product; rows may differ by a rounding")
    rows = torch.randn(9, 48)
    together = product(rows)
    for count in range(1, 9):
        assert torch.equal(product(rows[:count].contiguous()), together[:count])


def test_the_plain_product_gives_the_same_up_to_rounding() -> None:
    torch.manual_seed(0)
    weight, bias, rows = torch.randn(96, 48), torch.randn(96), torch.randn(5, 48)
    packed, plain = Projection(weight, bias), Projection(weight, bias)
    plain._packed, plain._weight = None, weight
    torch.testing.assert_close(packed(rows), plain(rows))
    torch.testing.assert_close(plain(rows), rows @ weight.T + bias)


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
