from __future__ import annotations

from pathlib import Path

from training.evaluate.generated import ToldStory
from training.evaluate.samples import write_samples


def told(genre: str, seed: int, prompt: str = "") -> ToldStory:
    text = f" The {genre} number {seed} begins.\nIt ends."
    return ToldStory(
        genre=genre, prompt=prompt, seed=seed, text=text, shown=text.strip(), finish_reason="eos", new_tokens=9
    )


def written(folder: Path, stories: list[ToldStory]) -> str:
    write_samples(folder / "samples.md", "mine", stories)
    return (folder / "samples.md").read_text(encoding="utf-8")


def test_the_first_five_of_every_genre_are_there_and_no_others(tmp_path: Path) -> None:
    text = written(tmp_path, [told(genre, seed) for genre in ("horror", "drama") for seed in range(1, 9)])
    assert text.index("## horror") < text.index("## drama")
    assert [text.count(f"number {seed} begins") for seed in range(1, 9)] == [2, 2, 2, 2, 2, 0, 0, 0]
    assert "> The horror number 1 begins.\n>\n> It ends." in text


def test_a_story_that_goes_on_from_a_prompt_is_shown_with_it(tmp_path: Path) -> None:
    stories = [told("horror", seed) for seed in range(1, 9)]
    text = written(tmp_path, [*stories, *(told("horror", seed, "In the cellar.") for seed in range(1, 9))])
    assert text.count("seed ") == 5
    assert text.count("> In the cellar. The horror number") == 2
