"""The call of the original documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storygen.checkpoint import load
from storygen.errors import InvalidOption, UnknownGenre
from storygen.pipeline import StoryGenerator
from storygen.prompt import render_prompt
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint

PROMPT = "<BOS> <superhero> Batman is hunting down"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_checkpoint(tmp_path_factory.mktemp("pipeline") / "m", eos_bias=-30.0)


@pytest.fixture(scope="module")
def story_generator(folder: Path) -> StoryGenerator:
    return StoryGenerator(str(folder))


def count(folder: Path, text: str) -> int:
    return len(load(str(folder)).tokenizer.encode(text))


def written(answer: list[dict[str, str]], prompt: str = PROMPT) -> str:
    assert [list(each) for each in answer] == [["generated_text"]]
    text = answer[0]["generated_text"]
    assert text.startswith(prompt)
    return text.removeprefix(prompt)


@pytest.mark.parametrize(
    "options",
    [
        {"max_length": 75},
        {
            "max_length": 75,
            "do_sample": True,
            "repetition_penalty": 1.1,
            "temperature": 1.2,
            "top_p": 0.95,
            "top_k": 50,
        },
    ],
)
def test_the_calls_of_the_original_documentation(story_generator: StoryGenerator, options: Any) -> None:
    assert written(story_generator(PROMPT, **options))


def test_a_seed_repeats_its_story(story_generator: StoryGenerator) -> None:
    first, again, other = (story_generator(PROMPT, max_length=60, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_without_a_seed_each_story_is_new(story_generator: StoryGenerator) -> None:
    assert story_generator(PROMPT, max_length=60) != story_generator(PROMPT, max_length=60)


def test_max_length_counts_the_prompt_and_max_new_tokens_does_not(
    story_generator: StoryGenerator, folder: Path
) -> None:
    tokens = count(folder, PROMPT)
    by_length = story_generator(PROMPT, max_length=tokens + 20, seed=1)
    by_new = story_generator(PROMPT, max_new_tokens=20, seed=1)
    both = story_generator(PROMPT, max_new_tokens=20, max_length=500, seed=1)
    assert by_length == by_new == both


def test_several_sequences_count_their_seeds_up(story_generator: StoryGenerator) -> None:
    three = story_generator(PROMPT, max_new_tokens=20, num_return_sequences=3, seed=5)
    single = [story_generator(PROMPT, max_new_tokens=20, seed=seed)[0] for seed in (5, 6, 7)]
    assert three == single
    assert len({each["generated_text"] for each in three}) == 3


def test_a_list_of_prompts_gives_a_list_of_lists_also_beyond_the_rows(story_generator: StoryGenerator) -> None:
    prompts = [f"{PROMPT} {number}" for number in range(11)]
    answers = story_generator(prompts, max_new_tokens=15, num_return_sequences=2, seed=3)
    assert [len(answer) for answer in answers] == [2] * 11
    expected = [story_generator(prompt, max_new_tokens=15, num_return_sequences=2, seed=3) for prompt in prompts]
    assert answers == expected
    assert story_generator([], max_new_tokens=15) == []


def test_greedy_stories_do_not_depend_on_the_seed(story_generator: StoryGenerator) -> None:
    first, second = (story_generator(PROMPT, max_length=60, do_sample=False, seed=seed) for seed in (1, 2))
    assert first == second


@pytest.mark.parametrize("prompt", ["Batman is hunting down", "", "<BOS> no genre", "<BOS> <horror>", "é🦇"])
def test_any_prompt_is_continued_as_it_is(story_generator: StoryGenerator, prompt: str) -> None:
    assert written(story_generator(prompt, max_new_tokens=20), prompt)


def test_a_prompt_beyond_the_positions_is_read_from_its_end(story_generator: StoryGenerator) -> None:
    prompt = PROMPT + " the thief. He runs." * 200
    assert written(story_generator(prompt, max_new_tokens=20), prompt)


def test_an_unknown_genre_is_an_error(story_generator: StoryGenerator) -> None:
    with pytest.raises(UnknownGenre) as raised:
        story_generator("<BOS> <romance> They met", max_length=75)
    assert raised.value.genre == "romance"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"max_length": 5}, "max_length"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"temperature": 0.0}, "temperature"),
        ({"top_p": 1.5}, "top_p"),
        ({"num_return_sequences": 0}, "num_return_sequences"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_can_not_be_computed_is_an_error(
    story_generator: StoryGenerator,
    options: Any,
    field: str,
) -> None:
    with pytest.raises(InvalidOption) as raised:
        story_generator(PROMPT, **options)
    assert raised.value.field == field
    assert written(story_generator(PROMPT, max_new_tokens=10))


def test_an_option_that_does_not_exist_is_an_error(story_generator: StoryGenerator) -> None:
    options: Any = {"beams": 4}
    with pytest.raises(TypeError):
        story_generator(PROMPT, **options)


def test_a_checkpoint_without_titles_has_none_to_give(story_generator: StoryGenerator) -> None:
    assert story_generator.title("horror", "The door opens.") is None


def test_a_title_is_one_short_line_and_the_most_probable_one_or_drawn_by_its_seed(tmp_path: Path) -> None:
    shape = TinyShape(titles=True, eos_bias=4.0)
    titled = StoryGenerator(str(write_tiny_checkpoint(tmp_path / "m", seed=2, shape=shape)))
    titles = [titled.title("horror", "The door opens. " * 200, seed=seed) for seed in (None, None, 1, 1, 2, 3)]
    assert titles[0] == titles[1]
    assert titles[2] == titles[3]
    assert len(set(titles)) >= 3
    assert all("\n" not in title and len(title) <= 60 for title in titles if title)
    assert any(titles)


def test_a_title_is_not_found_for_a_genre_that_the_checkpoint_lacks(story_generator: StoryGenerator) -> None:
    with pytest.raises(UnknownGenre):
        story_generator.title("romance", "They met.")


def test_a_story_can_be_told_under_a_title(tmp_path: Path) -> None:
    titled = StoryGenerator(str(write_tiny_checkpoint(tmp_path / "m", shape=TinyShape(titles=True, eos_bias=-30.0))))
    prompt = render_prompt("horror", "The door", "Nobody Knocks")
    without = render_prompt("horror", "The door")
    told = written(titled(prompt, seed=1, max_new_tokens=20), prompt)
    assert told != written(titled(without, seed=1, max_new_tokens=20), without)
