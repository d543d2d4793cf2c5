"""Send a checkpoint to the Hugging Face hub. The token is taken from HF_TOKEN or the login, and never shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from training.errors import TrainingError

HOW_TO_LOG_IN = (
    "There is no token for the hub. Make one with write access on its page Settings, Access Tokens, "
    "then set HF_TOKEN or run: hf auth login"
)

_UNAUTHORIZED, _FORBIDDEN, _CONFLICT, _TOO_MANY = 401, 403, 409, 429


def push(folder: Path, files: Sequence[Path], repository: str, *, private: bool) -> str:
    """Make the repository where it is missing, send ``files`` in one go, and give its address.

    Raises TrainingError where there is no token, no permission or no hub.
    """
    from huggingface_hub import HfApi, get_token

    if not get_token():
        raise TrainingError(HOW_TO_LOG_IN)
    api = HfApi()
    with _errors_as_sentences(repository, api.endpoint):
        made = api.create_repo(repository, private=private, exist_ok=True)
        api.upload_folder(
            repo_id=made.repo_id,
            folder_path=folder,
            allow_patterns=[path.relative_to(folder).as_posix() for path in files],
            commit_message="Publish with storytrain",
        )
    return str(made)


def check_repository_name(repository: str) -> None:
    """Raise TrainingError where the name can't be that of a repository."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # it is public, but not listed

    try:
        validate_repo_id(repository)
    except HFValidationError as error:
        raise TrainingError(f"{repository!r} can't be the name of a repository; give owner/name.") from error
    if "/" not in repository:
        raise TrainingError(f"{repository!r} names no owner; give owner/name.")


@contextmanager
def _errors_as_sentences(repository: str, endpoint: str) -> Iterator[None]:
    from huggingface_hub.errors import OfflineModeIsEnabled

    try:
        yield
    except OfflineModeIsEnabled as error:
        raise TrainingError("HF_HUB_OFFLINE is set, so nothing can be sent to the hub.") from error
    except (_client_error(), OSError, RuntimeError, ValueError) as error:
        raise TrainingError(_sentence(error, repository, endpoint)) from error


def _client_error() -> type[Exception]:
    """Give the base of all errors of the hub's HTTP client, which has been another from version to version."""
    base: type[Exception] = vars(import_module("huggingface_hub.errors"))["HTTPError"]
    return base


def _sentence(error: BaseException, repository: str, endpoint: str) -> str:
    from huggingface_hub.errors import HfHubHTTPError

    if isinstance(error, RuntimeError) and error.__cause__ is not None:  # so it wraps what one file met
        error = error.__cause__
    if isinstance(error, HfHubHTTPError):
        return _refusal(error, repository)
    if isinstance(error, (_client_error(), ConnectionError, TimeoutError)):
        return f"The hub at {endpoint} can't be reached: {_first_line(error)}."
    return f"{repository} could not be sent to the hub: {_first_line(error)}."


def _refusal(error: BaseException, repository: str) -> str:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    sentences = {
        _UNAUTHORIZED: "The hub does not accept the token; it may have run out. Make another and set HF_TOKEN.",
        _FORBIDDEN: f"The token may not write to {repository}. It needs write access there, and you the right to it.",
        _TOO_MANY: "The hub asks to wait: too many requests. Try again later; what arrived is not sent twice.",
        _CONFLICT: f"The hub is busy with another change of {repository}. Try again.",
    }
    said = f"The hub refused {repository}, status {status}: {_first_line(error)}."
    return sentences.get(status or 0, said)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
