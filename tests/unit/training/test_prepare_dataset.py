from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tiny_films import write_tiny_films
from training.prepare.dataset_card import FEATURES, dataset_card
from training.prepare.preparation import Source, prepare
from training.prepared import CARD, SPLITS


@pytest.fixture
def load_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the real function, kept off the network and off the home folder."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)

    def load(folder: Path, *source: str) -> Any:
        return datasets.load_dataset(str(folder), *source, cache_dir=str(tmp_path / "cache"))

    return load


def plots(tmp_path: Path) -> Path:
    """Write plots that lack what may be lacking: no year, no genre, no link in any of them."""
    lines = [{"title": f"P {n}", "text": f"In year {n} " + f"word{n} " * 50} for n in range(4)]
    path = tmp_path / "plots.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def prepared(tmp_path: Path) -> Path:
    sources = [
        Source(name="movie_plots", files=(write_tiny_films(tmp_path / "f.csv"),), held_out=0.2),
        Source(name="plots_extra", files=(plots(tmp_path),), held_out=0.0),
    ]
    prepare(sources, tmp_path / "out", seed=1)
    return tmp_path / "out"


def test_datasets_loads_the_splits_of_a_source(tmp_path: Path, load_dataset: Any) -> None:
    out = prepared(tmp_path)
    found = load_dataset(out, "movie_plots")
    assert set(found) == set(SPLITS)
    for split in SPLITS:
        lines = (out / f"movie_plots.{split}.jsonl").read_text(encoding="utf-8").splitlines()
        assert [dict(row) for row in found[split]] == [json.loads(line) for line in lines]


def test_every_split_of_every_source_has_the_same_features(tmp_path: Path, load_dataset: Any) -> None:
    out = prepared(tmp_path)
    loaded = [load_dataset(out, source) for source in ("movie_plots", "plots_extra")]
    features = [split.features for source in loaded for split in source.values()]
    assert len(features) == 4  # the second source is all in one split
    assert all(found == features[0] for found in features)
    assert set(features[0]) == set(FEATURES)
    assert features[0]["year"].dtype == "int64"
    assert features[0]["genres"].feature.dtype == "string"
    assert loaded[1]["train"]["year"][:] == [None] * 4


def test_a_source_without_a_work_is_not_offered(tmp_path: Path) -> None:
    (tmp_path / "short.jsonl").write_text('{"title": "A", "text": "Too short."}\n', encoding="utf-8")
    out = tmp_path / "out"
    manifest = prepare([Source(name="plots", files=(tmp_path / "short.jsonl",), held_out=0.1)], out)
    assert "config_name" not in (out / CARD).read_text(encoding="utf-8")
    assert dataset_card(manifest) == (out / CARD).read_text(encoding="utf-8")
