"""Read and write a checkpoint: a folder as transformers saves it, with ``story.json`` beside the weights.

``story.json`` says what the weights can't: the name, the genres and the licence. It is read without
torch, so that a bot knows its genres before its model is loaded.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storygen.checkpoint_safety import check_files, check_model
from storygen.errors import CheckpointError
from storygen.genre import ORIGINAL_GENRES, Genre
from storygen.prompt import BOS, EOS, GPT2_END, PAD, TITLE, is_genre_name

if TYPE_CHECKING:  # torch and transformers take seconds to import; only load() needs them.
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerBase

BUILTIN = "builtin"
"""The name under which people ask for the model that comes with the package."""

INFO_FILE = "story.json"
INFO_FORMAT = 1

_LONGEST_WORDS = 200
_HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")

_one_at_a_time = threading.Lock()
"""transformers changes torch for the whole process while it loads; two loads at once spoil each other (seen)."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointInfo:
    """What ``story.json`` says."""

    name: str
    """Shown in footers and stored with every passage."""
    genres: tuple[Genre, ...] = ORIGINAL_GENRES
    licence: str = "unknown"
    """Licence of the weights."""
    titles: bool = False
    """Whether it was trained with titles, so that it can take and give them."""
    special_tokens: tuple[str, ...] = ()
    """Other tokens that its tokenizer reads as one, whatever text they stand in; known once it is loaded."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint in memory."""

    info: CheckpointInfo
    model: GPT2LMHeadModel
    tokenizer: PreTrainedTokenizerBase


def checkpoint_path(checkpoint: str) -> str:
    """Give what transformers loads: the folder of the built-in model, the folder named, or the hub name as it is."""
    if checkpoint == BUILTIN:
        return str(files("storygen").joinpath("models", BUILTIN))
    return str(Path(checkpoint).expanduser()) if _is_folder(checkpoint) else checkpoint


def checkpoint_file(checkpoint: str, name: str) -> Path | None:
    """Give one of a checkpoint's files, or None; of a hub name it is fetched, or taken from the hub's cache."""
    place = Path(checkpoint_path(checkpoint), name)
    if place.is_file():
        return place
    if checkpoint == BUILTIN or _is_folder(checkpoint):
        return None
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(checkpoint, name))
    except (OSError, ValueError):  # it has none, or there is no hub: loading the model will tell
        return None


def read_info(checkpoint: str) -> CheckpointInfo:
    """Read ``story.json`` without loading any weights. A folder or a hub name without one has the original's genres.

    Raises CheckpointError where the file is damaged or was written by a newer version, or where
    ``checkpoint`` is a path to no folder.
    """
    _require_possible(checkpoint)
    path = checkpoint_file(checkpoint, INFO_FILE)
    if path is None:
        return CheckpointInfo(name=Path(checkpoint).name if _is_folder(checkpoint) else checkpoint)
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return _info_from(fields)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CheckpointError(checkpoint, f"{INFO_FILE} can't be read: {error}") from error


def write_info(folder: Path, info: CheckpointInfo) -> None:
    """Write ``story.json`` into a checkpoint folder."""
    fields = {
        "format": INFO_FORMAT,
        "name": info.name,
        "genres": [{"name": genre.name, "label": genre.label} for genre in info.genres],
        "licence": info.licence,
        "titles": info.titles,
    }
    (folder / INFO_FILE).write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")


def load(checkpoint: str, device: str = "cpu") -> Checkpoint:
    """Load a checkpoint in float32 for generation: ``builtin``, a folder, or a name on the Hugging Face hub.

    Only safetensors are read: a pickle can run code. So can other things that a checkpoint may ask for; see
    ``checkpoint_safety``. A GPT-2 without the control tokens gets them,
    with a warning, since it has never seen them.
    Raises CheckpointError, whatever transformers met.
    """
    import torch
    from transformers import AutoTokenizer, GPT2LMHeadModel

    info, path = read_info(checkpoint), checkpoint_path(checkpoint)
    if checkpoint == BUILTIN and not Path(path).is_dir():
        raise CheckpointError(checkpoint, "this installation has no built-in model")
    try:
        check_files(partial(checkpoint_file, checkpoint))
        with _one_at_a_time, without_progress_bars():
            tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
            loaded: Any = GPT2LMHeadModel.from_pretrained(
                path, use_safetensors=True, dtype=torch.float32, output_loading_info=True
            )
        model: GPT2LMHeadModel = loaded[0]
        check_model(model, tokenizer, missing=loaded[1]["missing_keys"])
    except MemoryError:
        raise
    except Exception as error:  # what a file can make transformers raise has no end
        raise CheckpointError(checkpoint, _first_line(error)) from error
    if missing := add_control_tokens(model, tokenizer, control_tokens(info.genres)):
        log.warning("this model was not trained on %s; its stories will ignore the genre", " ".join(missing))
    module: torch.nn.Module = model  # transformers' own types for these two calls are wrong
    module.to(device)
    module.eval()
    return Checkpoint(replace(info, special_tokens=_other_tokens(tokenizer, info)), model, tokenizer)


def add_control_tokens(
    model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerBase, tokens: Iterable[str]
) -> tuple[str, ...]:
    """Give a model and its tokenizer those of ``tokens`` that they lack, and say which these were.

    Those that are there keep their places, and are not added again: that would forget how they were declared.
    """
    from transformers import AddedToken

    missing = tuple(token for token in tokens if tokenizer.backend_tokenizer.token_to_id(token) is None)
    if missing:
        tokenizer.add_tokens([AddedToken(token, normalized=False, special=True) for token in missing])
    for role, token in (("bos_token", BOS), ("eos_token", EOS), ("pad_token", PAD)):
        if getattr(tokenizer, role) != token:
            setattr(tokenizer, role, token)
    if len(tokenizer) > model.config.vocab_size:
        model.resize_token_embeddings(len(tokenizer))
    return missing


def control_tokens(genres: Iterable[Genre]) -> tuple[str, ...]:
    """Give the control tokens that every prompt for these genres is made of."""
    return (BOS, EOS, PAD, *(genre.token for genre in genres))


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing on the terminal while it loads; leave its setting as it was."""
    from transformers.utils import logging as transformers_logging

    bars: Any = transformers_logging  # has no types
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _info_from(fields: dict[str, Any]) -> CheckpointInfo:
    if fields["format"] > INFO_FORMAT:
        raise ValueError(f"format {fields['format']} is newer than this program's {INFO_FORMAT}")
    genres = tuple(Genre(genre["name"], _words(genre["label"])) for genre in fields["genres"])
    names = [genre.name for genre in genres]
    if not genres or not all(map(is_genre_name, names)) or len(set(names)) < len(names):
        raise ValueError("genres are missing, twice, or have names that can't be tokens")
    return CheckpointInfo(
        name=_words(fields["name"]),
        genres=genres,
        licence=_words(fields["licence"]),
        titles=bool(fields.get("titles")),
    )


def _other_tokens(tokenizer: PreTrainedTokenizerBase, info: CheckpointInfo) -> tuple[str, ...]:
    ours = {*control_tokens(info.genres), TITLE, GPT2_END}
    added = (str(token) for token in tokenizer.added_tokens_decoder.values() if token.special)
    return tuple(sorted({*added} - ours))


def _words(said: object) -> str:
    """Give what is shown to people as it is. Raises ValueError for what is no line of text."""
    if not isinstance(said, str) or not said.isprintable() or len(said) > _LONGEST_WORDS:
        raise ValueError("a name, a label or the licence is no short line of text")
    return said


def _require_possible(checkpoint: str) -> None:
    if not _is_folder(checkpoint) and not _HUB_NAME.fullmatch(checkpoint):
        raise CheckpointError(checkpoint, "there is no such folder")


def _first_line(error: Exception) -> str:
    """Give what transformers has to say without its pages of advice."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _is_folder(checkpoint: str) -> bool:
    return Path(checkpoint).expanduser().is_dir()
