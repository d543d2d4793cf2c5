"""Cut a prompt that is too long before a server sees it: with the checkpoint's tokenizer, else by letters."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path

from storygen.checkpoint import CheckpointInfo, checkpoint_file
from storygen.checkpoint_safety import LARGEST
from storygen.engines.model_input import input_for
from storygen.engines.prompt_window import Encode, fit_prompt
from storygen.story import StoryRequest

DEFAULT_POSITIONS = 1024
"""As GPT-2 has; for a model of which nothing is known."""
BYTES_A_TOKEN = 3
"""Of UTF-8, without a tokenizer; English has about four letters a token, most other languages fewer."""

_POSITION_KEYS = ("n_positions", "max_position_embeddings")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedPrompt:
    """What a server gets."""

    text: str = field(repr=False)
    """The whole model input, genre included."""
    tokens: int | None
    """How many the model input has; None where there is no tokenizer to say it."""
    max_new_tokens: int
    finishing_tokens: int
    """How many more it may write to finish a sentence."""
    was_cut: bool


@dataclass(frozen=True, slots=True)
class PromptFitter:
    """What is known here of the model that a server runs."""

    encode: Encode | None = None
    """Gives the token ids of a text; None where there is no tokenizer."""
    positions: int = DEFAULT_POSITIONS
    """Tokens that prompt and story may have together."""

    def fit(self, request: StoryRequest, info: CheckpointInfo, positions: int | None = None) -> FittedPrompt:
        """Clean and render what a request brings, the text cut from the left where it does not fit ``positions``."""
        texts: dict[tuple[int, ...], str] = {}
        count = self.encode or _pretend_to_encode
        n_positions = positions or self.positions
        wanted = input_for(request, info, count, n_positions)

        def encode(text: str) -> list[int]:
            rendered = wanted.frame(text)
            token_ids = count(rendered)
            texts[tuple(token_ids)] = rendered  # the window speaks of token ids, a server wants their text
            return token_ids

        window = fit_prompt(
            wanted.text,
            encode,
            max_new_tokens=request.options.max_new_tokens,
            n_positions=n_positions,
            memory=wanted.memory,
            finishing_tokens=wanted.finishing_tokens,
        )
        return FittedPrompt(
            text=texts.get(tuple(window.token_ids), wanted.frame("")),
            tokens=len(window.token_ids) if self.encode else None,
            max_new_tokens=window.max_new_tokens,
            finishing_tokens=window.finishing_tokens,
            was_cut=window.was_cut,
        )


def load_fitter(checkpoint: str) -> PromptFitter:
    """Read tokenizer and size of a checkpoint, from its folder or the hub; what it lacks is guessed. Blocks."""
    tokenizer, config = (checkpoint_file(checkpoint, name) for name in ("tokenizer.json", "config.json"))
    encode = _encoder(tokenizer) if tokenizer else None
    if encode is None:
        log.warning("no tokenizer for %s here: long prompts are cut by their letters", checkpoint)
    return PromptFitter(encode, (_positions(config) if config else None) or DEFAULT_POSITIONS)


def _encoder(file: Path) -> Encode | None:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception:  # noqa: BLE001 - it raises nothing narrower
        return None
    tokenizer.no_truncation()

    def encode(text: str) -> list[int]:
        ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    return encode


def _positions(file: Path) -> int | None:
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        found = [fields[key] for key in _POSITION_KEYS if isinstance(fields.get(key), int)]
    except (OSError, ValueError, AttributeError, RecursionError):
        return None
    return found[0] if found and 0 < found[0] <= LARGEST["n_positions"] else None


def _pretend_to_encode(text: str) -> list[int]:
    """Give as many numbers as the text would probably have tokens."""
    return list(text.encode()[::BYTES_A_TOKEN])
