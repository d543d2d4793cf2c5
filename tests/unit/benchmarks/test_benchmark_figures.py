"""The benchmark's arithmetic: percentiles, ratios within a round, what is worked out, what is run again, tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.case import Case, Run, Telling, setup_of
from tests.benchmarks.document import BEGIN, END, put_figures
from tests.benchmarks.figures import as_json, figures_of, paired_ratios, percentile
from tests.benchmarks.picture import draw
from tests.benchmarks.rounds import Results, afford
from tests.benchmarks.tables import report_text, speed_cell, time_cell
from tests.benchmarks.workload import MIXED, asks


def case(stories: int = 1, number: int = 0, *, mixed: bool = False) -> Case:
    return Case(stories=stories, mixed=mixed, tokens=100, round=number)


def run(seconds: float, *, setup: str = "storybot", number: int = 0, stories: int = 1, written: int = 0) -> Run:
    count = written or stories
    tellings = [
        Telling(first=0.1 + seconds * place / count, last=seconds * (place + 1) / count, tokens=100)
        for place in range(count)
    ]
    return Run(setup=setup, case=case(stories, number), tellings=tellings, resident_mb=500.0, peak_mb=800.0)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50), st.floats(0, 100))
def test_a_percentile_is_one_of_the_values_and_so_many_do_not_exceed_it(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) >= len(values) * percent / 100 - 1e-9


def test_percentiles_are_by_nearest_rank() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, percent) for percent in (0, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_a_ratio_is_taken_of_two_runs_of_the_same_round() -> None:
    ours = [run(1.0, number=0), run(4.0, number=1), run(1.0, number=2)]
    theirs = [run(5.0, setup="pipeline", number=0), run(20.0, setup="pipeline", number=1)]
    assert paired_ratios(ours, theirs) == pytest.approx([5.0, 5.0])


def test_an_engine_that_writes_one_after_the_other_is_not_made_to_write_them_all() -> None:
    sample = run(4.0, stories=8, written=2)
    assert sample.one_by_one
    assert sample.speed == pytest.approx(50.0)
    times = sample.times()
    assert [telling.last for telling in times] == pytest.approx([2.0 * number for number in range(1, 9)])
    assert times[7].first == pytest.approx(14.1)
    assert not run(4.0, stories=8).one_by_one


def test_figures_sum_up_all_rounds_and_share_memorys_limit_only_for_one_story() -> None:
    results = Results(runs=[run(1.0), run(2.0, number=1), run(5.0, setup="pipeline"), run(3.0, stories=8)])
    alone = figures_of(results, "storybot", "pipeline", case(), limit=300.0)
    assert alone is not None
    assert (alone.speed.median, alone.speed.least, alone.speed.most) == pytest.approx((75.0, 50.0, 100.0))
    assert alone.ratio is not None
    assert alone.ratio.median == pytest.approx(5.0)
    assert alone.bandwidth_share == pytest.approx(0.25)
    several = figures_of(results, "storybot", "pipeline", case(8), limit=300.0)
    assert several is not None
    assert several.bandwidth_share is None
    assert several.ratio is None
    assert figures_of(results, "generate", "pipeline", case(), limit=None) is None


TOOK = {("pipeline", "a"): 5.0, ("storybot", "a"): 1.0, ("generate", "a"): 3.0, ("generate", "b"): 20.0}


@given(st.floats(0, 50))
def test_what_is_run_again_fits_into_the_time_and_ours_is_always_among_it(seconds: float) -> None:
    needed = {("pipeline", "a"), ("storybot", "a")}
    kept = afford(TOOK, needed, seconds)
    assert needed <= kept
    assert sum(TOOK[each] for each in kept) <= max(seconds, 6.0)
    assert (("generate", "b") in kept) == (seconds >= 29.0)


def test_mixed_stories_have_options_and_seeds_of_their_own_and_other_rounds_have_others() -> None:
    mixed, again, later = asks(case(8, mixed=True)), asks(case(8, mixed=True)), asks(case(8, 1, mixed=True))
    assert mixed == again
    assert len({ask.options for ask in mixed}) == len(MIXED) == 8
    assert len({ask.seed for ask in mixed + later}) == 16
    assert len({ask.options for ask in asks(case(8))}) == 1
    assert all(ask.options.max_new_tokens == 100 for ask in mixed)


@pytest.mark.parametrize(
    ("text", "dtype", "threads"),
    [
        ("storybot", "auto", 0),
        ("storybot:2", "auto", 2),
        ("storybot:int8", "int8", 0),
        ("storybot:int8:2", "int8", 2),
    ],
)
def test_a_setup_is_read_from_the_command_line_and_gives_its_name_back(text: str, dtype: str, threads: int) -> None:
    setup = setup_of(text, "builtin", "cache", 8)
    assert (setup.engine, setup.dtype, setup.threads, setup.name) == ("storybot", dtype, threads, text)


def report() -> dict[str, Any]:
    results = Results(runs=[run(1.0), run(2.0, number=1), run(5.0, setup="pipeline")])
    contestants = [
        {
            "name": name,
            "about": f"the {name} engine",
            "trouble": None,
            "peak_mb": 800.0,
            "bytes_per_token": 1000,
            "bytes_per_second": 2e10,
            "limit": 300.0,
        }
        for name in ("pipeline", "storybot", "absent")
    ]
    model = {
        "title": "a model",
        "tokens": 100,
        "rounds": 2,
        "stories": [1],
        "contestants": contestants,
        "figures": {
            name: {"1 same": as_json(figures_of(results, name, "pipeline", case(), 300.0)), "1 mixed": None}
            for name in ("pipeline", "storybot", "absent")
        },
        "troubles": {"absent": {"all": "not installed"}},
        "left_out": [],
        "delay": {
            "stories": 8,
            "writing": {"p50": 0.2, "p99": 4.0, "max": 8.0, "ticks": 400},
            "loading": {"p50": 0.2, "p99": 9.0, "max": 30.0, "ticks": 100},
        },
    }
    machine = {
        "processor": "a processor",
        "cores": 2,
        "instructions": ["avx2"],
        "system": "Linux",
        "python": "3.11",
        "packages": {"torch": "2", "ctranslate2": None},
        "load_before": 0.1,
        "began": "today",
    }
    return {"machine": machine, "command": "make bench", "models": [model]}


def test_the_report_has_a_line_for_every_engine_and_a_reason_for_every_gap() -> None:
    text = report_text(json.loads(json.dumps(report())))
    assert "| the storybot engine | 75 (50-100) x5.0 |" in text
    assert "| the pipeline engine | 20 (once) x1.0 |" in text
    assert "- absent (all): not installed." in text
    assert "| 25% |" in text
    assert "| 8 stories run | 0.2 | 4.0 | 8.0 | 400 |" in text
    assert "ctranslate2" not in text


def test_a_gap_stays_a_gap_in_every_cell() -> None:
    assert speed_cell(None) == time_cell(None) == "-"


def test_the_picture_is_drawn_also_where_engines_are_missing(tmp_path: Path) -> None:
    draw(report(), tmp_path / "pictures" / "bench.png")
    assert (tmp_path / "pictures" / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_figures_are_put_between_the_marks_and_nowhere_else(tmp_path: Path) -> None:
    document = tmp_path / "benchmark.md"
    document.write_text(f"before\n{BEGIN}\nold figures\n{END}\nafter\n", encoding="utf-8")
    put_figures(document, "new figures")
    put_figures(document, "newer figures")
    assert document.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnewer figures\n\n{END}\nafter\n"
    document.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="no place"):
        put_figures(document, "figures")
