"""Fetch the Wikipedia Movie Plots table from Kaggle."""

from __future__ import annotations

from pathlib import Path

from training.errors import TrainingError

DATA_SET = "jrobischon/wikipedia-movie-plots"
TABLE = "wiki_movie_plots_deduped.csv"
ADDRESS = f"https://www.kaggle.com/datasets/{DATA_SET}"

_BY_HAND = f"Or download it in a browser from {ADDRESS} and give --file."


def download_table() -> Path:
    """Fetch the table into kagglehub's own cache, or find it there.

    Raises TrainingError where kagglehub is missing and where Kaggle does not give the file.
    """
    try:
        import kagglehub  # type: ignore[import-untyped]  # it has no types
        from kagglehub import exceptions
    except ModuleNotFoundError as error:
        raise TrainingError(f"This needs kagglehub: pip install 'storybot[collect]'. {_BY_HAND}") from error
    refused = (
        OSError,  # requests' errors are OSErrors
        ValueError,
        exceptions.BackendError,
        exceptions.CredentialError,
        exceptions.DataCorruptionError,
        exceptions.NotFoundError,
        exceptions.UnauthenticatedError,
    )
    try:
        return Path(kagglehub.dataset_download(DATA_SET, path=TABLE))
    except refused as error:
        why = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
        raise TrainingError(f"Kaggle did not give the table ({why}). {_BY_HAND}") from error
