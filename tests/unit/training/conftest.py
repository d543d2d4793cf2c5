"""What the tests of training share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.tiny_films import write_tiny_films
from training.__main__ import main


@pytest.fixture(scope="session")
def prepared_films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the prepared splits of the made-up films; read only."""
    folder = tmp_path_factory.mktemp("prepared_films")
    films = write_tiny_films(folder / "films.csv")
    assert main(["prepare", "--movie-plots", str(films), "--out", str(folder / "prepared")]) == 0
    prepared = folder / "prepared"
    # So few films leave none for validation; in these tests nothing depends on which they are.
    some = (prepared / "movie_plots.train.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:3]
    (prepared / "movie_plots.validation.jsonl").write_text("".join(some), encoding="utf-8")
    return prepared
