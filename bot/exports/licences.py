"""The licence of the model that writes now; that of one which wrote long ago is not known any more."""

from __future__ import annotations

from storygen.checkpoint import CheckpointInfo, read_info
from storygen.errors import CheckpointError

UNKNOWN = CheckpointInfo(name="").licence


class Licences:
    """Reads the checkpoint's own words about itself, once. Blocks: on a thread."""

    def __init__(self, checkpoint: str) -> None:
        self._checkpoint = checkpoint
        self._known: dict[str, str] | None = None

    def by_model(self) -> dict[str, str]:
        """Give the licence by the model's name; nothing where the checkpoint says none or can't be read."""
        if self._known is None:
            try:
                info = read_info(self._checkpoint)
            except CheckpointError:
                return {}
            self._known = {} if info.licence == UNKNOWN else {info.name: info.licence}
        return self._known
