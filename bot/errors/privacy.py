"""What is stored about a person."""

from __future__ import annotations

from bot.errors.parent import BotError


class NotYourQuestion(BotError):
    """Somebody else was asked this."""


class PersonalDataTooLarge(BotError):
    """What is stored about a person does not fit into a file that Discord takes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"the archive has {size} bytes, {limit} are allowed")
        self.size = size
        self.limit = limit
