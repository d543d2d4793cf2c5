"""Presets that people save."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors.parent import BotError


class UnknownPreset(BotError):
    """No preset has this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"unknown preset, known are {', '.join(known)}")
        self.name = name
        self.known = tuple(known)


class BuiltInPreset(BotError):
    """The preset comes with the bot: nobody's own may have its name, and it can't be deleted."""

    def __init__(self, name: str) -> None:
        super().__init__("the name is that of a built-in preset")
        self.name = name


class PresetNameUnusable(BotError):
    """The name of a preset is empty or too long."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the name of a preset has 1 to {limit} characters")
        self.limit = limit


class TooManyPresets(BotError):
    """A person has as many presets of their own as one may have."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} presets are saved already")
        self.limit = limit
