"""A small file that remembers which number format was chosen, so that a restart does not choose another.

Two formats that are about equally far apart as the rule asks would else take turns, and a recipe repeats its
story in one format only. The file may be deleted at any time; then it is measured and written anew.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

_FORMAT = 1

log = logging.getLogger(__name__)

_one_at_a_time = threading.Lock()
"""Workers choose at the same time, and each writes the whole file."""


@dataclass(frozen=True, slots=True)
class ChoiceFile:
    """Choices by what they depend on; another processor, torch or model is another question."""

    path: Path

    def recall(self, question: str) -> str | None:
        """Give what was answered before; None where nothing was, or where the file can't be read."""
        return self._all().get(question)

    def remember(self, question: str, answer: str) -> None:
        """Write an answer down. A file that can't be written is a line in the log and no reason to stop."""
        with _one_at_a_time:
            choices = {**self._all(), question: answer}
            try:
                self._replace(json.dumps({"format": _FORMAT, "choices": choices}, indent=1) + "\n")
            except OSError as error:
                log.warning("%s can't be written, so another start may choose anew: %s", self.path, error.strerror)

    def _all(self) -> dict[str, str]:
        try:
            fields = json.loads(self.path.read_text(encoding="utf-8"))
            if fields["format"] == _FORMAT:
                return {str(question): str(answer) for question, answer in fields["choices"].items()}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("%s can't be read, so it is measured again: %s", self.path, type(error).__name__)
        return {}

    def _replace(self, text: str) -> None:
        """Write beside and rename, so that a stop leaves the old file or the new one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(beside).replace(self.path)
        except OSError:
            Path(beside).unlink(missing_ok=True)
            raise
