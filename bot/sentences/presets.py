"""Sentences: presets that people save."""

from __future__ import annotations

from bot.errors import BuiltInPreset, PresetNameUnusable, TooManyPresets, UnknownPreset
from bot.sentences.table import Sentences
from bot.text import escaped


def _unknown_preset(error: UnknownPreset) -> str:
    if not error.known:
        return "You have no preset of your own yet. `/settings preset save` makes one."
    return f"There is no such preset. Choose one of {', '.join(map(escaped, error.known))}."


SENTENCES: Sentences = {
    UnknownPreset: _unknown_preset,
    BuiltInPreset: lambda error: (
        f"{error.name} comes with me and stays as it is. Presets of your own have other names."
    ),
    PresetNameUnusable: lambda error: f"A preset's name has 1 to {error.limit} letters. Please choose another.",
    TooManyPresets: lambda error: (
        f"You have {error.limit} presets, all that one person may. `/settings preset delete` makes room."
    ),
}
