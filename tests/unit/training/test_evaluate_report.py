"""The whole command on a tiny model: what it writes, what it leaves out, and which mistakes it names."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from storygen.genre import ORIGINAL_GENRES
from storygen.prompt import render_example
from training.__main__ import main
from training.evaluate import ngram
from training.evaluate.material import CUT, GENERATED, PROMPTED, TEST
from training.evaluate.report import as_markdown
from training.evaluate.summary import summary

GENRES = [genre.name for genre in ORIGINAL_GENRES]
PICTURES = {"bits_per_byte.png", "confusion.png", "lengths.png", "copying.png"}


def write_plots(path: Path, count: int, seed: int) -> Path:
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    nouns = {genre: [f"{genre.replace('_', '')}{letter}" for letter in "abcd"] for genre in GENRES}
    lines = []
    for number in range(count):
        genre = GENRES[number % len(GENRES)]
        text = " ".join(f"The {draw.choice(nouns[genre])} finds {draw.randrange(99)} letters." for _ in range(6))
        lines.append(json.dumps({"genre": genre, "title": "", "text": text}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    write_plots(folder / "plots.train.jsonl", 60, 1)
    write_plots(folder / "plots.test.jsonl", 12, 2)
    write_plots(folder / "held.test.jsonl", 12, 3)
    (folder / "fiction.jsonl").write_text(json.dumps({"text": "A silent house by the river."}) + "\n")
    (folder / "prompts.txt").write_text("<BOS> <horror> The house\n")
    return folder


def evaluate(*options: object) -> int:
    return main(["evaluate", *map(str, options)])


def report_in(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


def test_with_everything_at_hand_every_section_has_figures(
    tmp_path: Path, texts: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyppmd")
    options = [tiny_checkpoint, "--stories", texts / "plots.test.jsonl", "--held-out", texts / "held.test.jsonl"]
    options += ["--train-stories", texts / "plots.train.jsonl", "--other-texts", texts / "fiction.jsonl"]
    options += ["--prompts", texts / "prompts.txt", "--generate", "2", "--max-new-tokens", "40"]
    options += ["--beside", tiny_checkpoint, tmp_path / "missing", "--seed", "5"]
    assert evaluate(*options, "--out", tmp_path / "first") == 0
    report = report_in(tmp_path / "first")
    assert {path.name for path in (tmp_path / "first").iterdir()} == PICTURES | {
        "report.json",
        "report.md",
        "samples.md",
        "stories.jsonl",
    }
    assert capsys.readouterr().out == as_markdown(report) + "\n"
    assert [line["met"] is None for line in report["summary"]] == [False] * 7
    assert set(report["endings"]["groups"]) == {GENERATED, PROMPTED}
    assert set(report["adherence"]["groups"]) > {GENERATED, PROMPTED, TEST, "held.test"}
    assert report["adherence"]["groups"][TEST]["balanced_accuracy"] == 1
    assert set(report["copying"]["groups"]) == {GENERATED, PROMPTED, TEST + CUT, "held.test" + CUT}
    assert report["endings"]["groups"][GENERATED]["stories"] == 12
    assert report["beside"][0]["overall"] == report["overall"]
    assert "can't be loaded" in report["beside"][1]["not_measured"]
    assert report["run"]["options"]["max_new_tokens"] == 40
    assert report["run"]["versions"]["torch"]

    told = tmp_path / "first" / "stories.jsonl"
    assert evaluate(*options, "--generated", told, "--out", tmp_path / "again") == 0
    assert (tmp_path / "again" / "stories.jsonl").read_bytes() == told.read_bytes()
    again = report_in(tmp_path / "again")
    assert {**again, "run": None} == {**report, "run": None}


def test_without_the_training_stories_the_report_says_what_it_lacks(
    tmp_path: Path, texts: Path, tiny_checkpoint: Path
) -> None:
    options = ["--checkpoint", tiny_checkpoint, "--stories", texts / "plots.test.jsonl", "--generate", "0"]
    assert evaluate(*options, "--out", tmp_path) == 0
    report = report_in(tmp_path)
    for section in ("ngram", "adherence", "invented", "copying"):
        assert "--train-stories" in report[section]["not_measured"]
    for section in ("endings", "loops", "diversity", "mauve"):
        assert "--generate 0" in report[section]["not_measured"]
    assert [line["met"] for line in report["summary"]][1:2] != [None]
    assert [line["met"] for line in report["summary"]][2:] == [None] * 5
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "Not measured: no training stories were named (--train-stories)." in text
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "report.md", "bits_per_byte.png"}


def test_each_bar_is_met_from_its_limit_on() -> None:
    def lines(**sections: Any) -> dict[str, bool | None]:
        report = {"overall": {"bits_per_byte": 1.7}, **SECTIONS, **sections}
        return {line["figure"].split(",")[0]: line["met"] for line in summary(report)}

    assert set(lines().values()) == {True}
    assert not lines(ngram={"model": "PPMd", "overall": 1.8, "learning_on": 1.7})["bits per byte"]
    assert not lines(shuffled_genres={"cost": 0.01, "interval": [0.0, 0.02]})["shuffled genres cost"]
    assert not lines(adherence={"groups": {GENERATED: {"balanced_accuracy": 0.59}, TEST: {"balanced_accuracy": 0.6}}})[
        "genre adherence"
    ]
    assert not lines(loops={"groups": {GENERATED: {"loops": 0.02}}})["loops"]
    assert not lines(invented={"groups": {GENERATED: {"invented": 0.02}}})["invented words"]
    assert not lines(endings={"groups": {GENERATED: {"whole_sentence_as_shown": 0.89}}})["end with a whole sentence"]
    worse = {GENERATED: {"runs_found_mean": 0.02}, TEST + CUT: {"runs_found_mean": 0.01}}
    assert not lines(copying={"groups": worse})["copied runs of 8 words"]
    missing = {name: {"not_measured": "no reason"} for name in SECTIONS}
    assert set(lines(**missing).values()) == {None}


SECTIONS: dict[str, Any] = {
    "ngram": {"model": "PPMd", "overall": 1.8, "learning_on": 1.75},
    "shuffled_genres": {"cost": 0.01, "interval": [0.001, 0.02]},
    "adherence": {"groups": {GENERATED: {"balanced_accuracy": 0.6}, TEST: {"balanced_accuracy": 0.6}}},
    "loops": {"groups": {GENERATED: {"loops": 0.01}}},
    "invented": {"groups": {GENERATED: {"invented": 0.01}}},
    "endings": {"groups": {GENERATED: {"whole_sentence_as_shown": 0.9}}},
    "copying": {"groups": {GENERATED: {"runs_found_mean": 0.01}, TEST + CUT: {"runs_found_mean": 0.01}}},
}


def test_a_missing_compressor_leaves_only_the_baseline_out(
    tmp_path: Path, texts: Path, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ngram, "find_spec", lambda _: None)
    options = ["--stories", texts / "plots.test.jsonl", "--train-stories", texts / "plots.train.jsonl"]
    assert evaluate(tiny_checkpoint, *options, "--generate", "0", "--out", tmp_path) == 0
    report = report_in(tmp_path)
    assert "pyppmd" in report["ngram"]["not_measured"]
    assert report["adherence"]["groups"][TEST]["balanced_accuracy"] == 1


def test_a_test_story_among_the_training_stories_is_refused(
    tmp_path: Path, texts: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.loads((texts / "plots.train.jsonl").read_text().splitlines()[0])["text"]
    stories = tmp_path / "stories.txt"
    stories.write_text(render_example("drama", text.replace(" ", "  ")) + "\n")
    options = ["--stories", stories, "--train-stories", texts / "plots.train.jsonl", "--out", tmp_path / "out"]
    assert evaluate(tiny_checkpoint, *options) == 2
    assert "1 stories of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--generate", "-1"], "--generate must be at least 0, not -1."),
        (["--threads", "0"], "--threads must be at least 1, not 0."),
        (["--checkpoint", "other"], "Name one checkpoint, either with or without --checkpoint."),
        (["--held-out", "nowhere.jsonl"], "There is no file nowhere.jsonl."),
        (["--max-new-tokens", "5"], "--max-new-tokens must be between 30 and 800, not 5."),
    ],
)
def test_a_mistake_is_one_sentence(
    texts: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    needed = ["--stories", texts / "plots.test.jsonl", "--out", texts / "out"]
    assert evaluate(tiny_checkpoint, *needed, *options) == 2
    assert capsys.readouterr().err == f"storytrain evaluate: {sentence}\n"
