"""The benchmark as a whole, on a model of 100 KB: it ends, writes its files, and names what it can't measure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.case import Case, Setup
from tests.benchmarks.process import Contestant, Trouble


def test_a_small_run_writes_table_picture_and_figures(tiny_checkpoint: Path, tmp_path: Path) -> None:
    main(["--checkpoint", str(tiny_checkpoint), "--engines", "storybot", "--quick", "--out", str(tmp_path)])
    report = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    (model,) = report["models"]
    assert [each["name"] for each in model["contestants"]] == ["pipeline", "storybot"]
    for name in ("pipeline", "storybot"):
        for stories in (1, 8):
            for options in ("same", "mixed"):
                figures = model["figures"][name][f"{stories} {options}"]
                assert figures["speed"]["median"] > 0
                assert 0 < figures["first_words"] <= figures["p50"] <= figures["p95"]
    assert model["troubles"] == {}
    assert model["delay"]["writing"]["ticks"] > 10
    assert "| storybot, same options |" in (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert (tmp_path / "bench.png").is_file()


@pytest.mark.parametrize("arguments", [["--engines", "nonsense"], ["--models", "gpt-5"], ["--tokens", "3"]])
def test_what_can_not_be_measured_is_said_at_once(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert arguments[0].lstrip("-")[:6] in capsys.readouterr().err


async def test_an_engine_that_fails_to_load_is_named_with_its_reason_and_the_run_goes_on(tmp_path: Path) -> None:
    setup = Setup(engine="storybot", checkpoint=str(tmp_path / "no-model"), cache=str(tmp_path))
    contestant = Contestant(setup, tmp_path / "log")
    try:
        await contestant.start()
        assert contestant.trouble is not None
        outcome = await contestant.run(Case(stories=1, mixed=False, tokens=30), 10.0)
    finally:
        await contestant.stop()
    assert isinstance(outcome, Trouble)
    assert "no-model" in outcome.reason
