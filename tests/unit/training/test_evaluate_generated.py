"""Stories that a checkpoint tells to be measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from storygen.pipeline import StoryGenerator
from storygen.polish import polish
from storygen.prompt import render_prompt
from storygen.sampling import SamplingOptions
from tests.fakes.tiny_model import TinyShape, write_tiny_checkpoint
from training.errors import TrainingError
from training.evaluate.generated import ToldStory, Wish, prompted_wishes, read_told, tell, wishes, write_told

OPTIONS = SamplingOptions(max_new_tokens=30)


def told_by(folder: Path, wanted: list[Wish]) -> list[ToldStory]:
    return tell(str(folder), wanted, OPTIONS, lambda _: None)


def test_every_genre_is_told_as_often_with_the_same_seeds() -> None:
    wanted = wishes(["horror", "western"], 3, 7)
    assert [(wish.genre, wish.seed) for wish in wanted] == [(g, s) for g in ("horror", "western") for s in (7, 8, 9)]
    assert {wish.prompt for wish in wanted} == {""}


def test_telling_again_gives_the_same_stories_in_order(tiny_checkpoint: Path) -> None:
    wanted = wishes(["horror", "drama"], 10, 1)
    counted: list[int] = []
    first = tell(str(tiny_checkpoint), wanted, OPTIONS, counted.append)
    assert [(story.genre, story.seed) for story in first] == [(wish.genre, wish.seed) for wish in wanted]
    assert counted == list(range(1, 21))
    assert first == told_by(tiny_checkpoint, wanted)
    assert len({story.text for story in first}) > 15


def test_a_story_is_the_one_that_the_package_tells(tiny_checkpoint: Path) -> None:
    (story,) = told_by(tiny_checkpoint, [Wish(genre="horror", prompt="The house", seed=3)])
    prompt = render_prompt("horror", "The house")
    (answer,) = StoryGenerator(str(tiny_checkpoint))(prompt, seed=3, max_new_tokens=30)
    assert prompt + story.text == answer["generated_text"]
    assert (story.new_tokens, story.finish_reason) in {(30, "length"), (story.new_tokens, "eos")}


def test_a_story_is_kept_as_written_and_as_the_bot_shows_it(tmp_path: Path) -> None:
    folder = write_tiny_checkpoint(tmp_path / "any", shape=TinyShape(any_bytes=True))
    told = told_by(folder, wishes(["horror"], 8, 1))
    assert [story.shown for story in told] == [polish(story.text).strip() for story in told]
    assert any(story.shown != story.text.strip() for story in told)


def test_prompts_are_told_in_their_genre_or_in_all(tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("<BOS> <drama> Two sisters\n\nA ship\n", encoding="utf-8")
    assert prompted_wishes(file, ["horror", "drama"], 5) == [
        Wish(genre="drama", prompt="Two sisters", seed=5),
        Wish(genre="horror", prompt="A ship", seed=6),
        Wish(genre="drama", prompt="A ship", seed=6),
    ]
    with pytest.raises(TrainingError, match="has the genre 'drama'; this checkpoint knows horror"):
        prompted_wishes(file, ["horror"], 5)
    file.write_text("\n")
    with pytest.raises(TrainingError, match="holds no prompts"):
        prompted_wishes(file, ["horror"], 5)


def test_kept_stories_are_read_as_they_were(tmp_path: Path, tiny_checkpoint: Path) -> None:
    told = told_by(tiny_checkpoint, wishes(["horror"], 2, 1))
    file = tmp_path / "stories.jsonl"
    write_told(file, told)
    assert read_told(file, ["horror"]) == told
    with pytest.raises(TrainingError, match="genre 'horror'"):
        read_told(file, ["drama"])


@pytest.mark.parametrize("line", ['{"genre": "horror", "text": "It comes."}', "no JSON", ""])
def test_a_file_of_anything_else_is_a_mistake(tmp_path: Path, line: str) -> None:
    file = tmp_path / "stories.jsonl"
    file.write_text(line)
    with pytest.raises(TrainingError):
        read_told(file, ["horror"])
