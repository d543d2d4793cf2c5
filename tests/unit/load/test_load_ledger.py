"""The tables of a load run count what happened, and nothing is left out because it never ended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.load.ledger import Ledger, percentile, slope


def ledger(*deeds: dict[str, object]) -> list[str]:
    kept = Ledger()
    for fields in deeds:
        deed = kept.begin("/story")
        for name, value in fields.items():
            setattr(deed, name, value)
    return list(kept.lines())


def test_what_is_lost_is_counted_by_how_it_was_lost() -> None:
    lines = ledger({"lost": "no answer within 3 seconds"}, {"lost": "no answer within 3 seconds"}, {"finished": 1.0})
    assert lines[lines.index("lost: 2") + 1] == "      2 x no answer within 3 seconds"


def test_refusals_that_differ_in_a_number_are_counted_as_one_sentence() -> None:
    lines = ledger(
        {"refused": "The queue is full: 64 stories are waiting. Another would wait about 20 seconds."},
        {"refused": "The queue is full: 64 stories are waiting. Another would wait about a minute."},
        {"refused": "The queue is full: 64 stories are waiting. Another would wait about 2 minutes."},
    )
    begin = lines.index("refused with a sentence: 3")
    assert len(lines[begin + 1 :]) == 3  # seconds, minute, minutes
    assert "stories are waiting. Another would wait about N seconds." in lines[begin + 1]


def test_the_id_of_an_error_does_not_make_it_another_sentence() -> None:
    lines = ledger({"refused": "Something broke. Report `1a2b3c`."}, {"refused": "Something broke. Report `ffffff`."})
    assert lines[-1] == "      2 x Something broke. Report `…`."


@pytest.mark.parametrize(("part", "value"), [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)])
def test_percentiles(part: float, value: float) -> None:
    assert percentile([float(number) for number in range(1, 101)], part) == value


@given(st.floats(-100, 100), st.floats(-1000, 1000), st.lists(st.floats(0, 100), min_size=2, unique=True))
def test_the_slope_of_a_straight_line_is_its_own(steep: float, begin: float, places: list[float]) -> None:
    if max(places) - min(places) < 0.01:
        return
    assert slope([(x, begin + steep * x) for x in places]) == pytest.approx(steep, abs=1e-3)


def test_a_single_point_has_no_slope() -> None:
    assert slope([(1.0, 5.0)]) == 0.0
