"""Tells Discord what the commands are called in other languages, when they are registered.

Slash commands and their subcommands keep their English names: the answers name them as ``/stories read``, a mention
of a command is never shown in the reader's language (discord-api-docs#5518), and commands that have subcommands were
not found by a translated name (discord-api-docs#5105). The sampling options keep transformers' names, as everywhere.
"""

from __future__ import annotations

from types import MappingProxyType

from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.sentences.model import OPTION_LABELS
from bot.translations.wordbook import Place, Wordbook, read_wordbook
from storygen.sampling import OPTION_NAMES, PRESETS

LANGUAGES = MappingProxyType(
    {Locale.german: "de", Locale.spain_spanish: "es", Locale.latin_american_spanish: "es"},
)
"""Discord's locales and the file that has the words for each."""

UNTRANSLATED = frozenset({*OPTION_NAMES, *OPTION_LABELS.values(), "seed", *PRESETS})
"""Names of options and of presets: the same in every language, as words of the craft."""

_PLACES = MappingProxyType(
    {
        Location.command_description: Place.DESCRIPTION,
        Location.group_description: Place.DESCRIPTION,
        Location.parameter_description: Place.DESCRIPTION,
        Location.parameter_name: Place.OPTION_NAME,
        Location.choice_name: Place.CHOICE,
    }
)


class CommandTranslator(app_commands.Translator):
    """Looks words up. A text that a language lacks, as the name of somebody's own genre, stays English."""

    def __init__(self) -> None:
        self._wordbooks: dict[str, Wordbook] = {}

    async def load(self) -> None:
        """Read the files; discord.py calls it where the translator is set."""
        self._wordbooks = {language: read_wordbook(language) for language in set(LANGUAGES.values())}

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Give the words of a language for a text of a command, or None."""
        place = place_of(string.message, context)
        if place is None or locale not in LANGUAGES:
            return None
        return self._wordbooks[LANGUAGES[locale]][place].get(string.message)


def place_of(text: str, context: app_commands.TranslationContextTypes) -> Place | None:
    """Say in which table a text of a command is looked up; None for one that is the same in every language."""
    if context.location is Location.command_name and isinstance(context.data, app_commands.ContextMenu):
        return Place.MENU
    place = _PLACES.get(context.location)
    return None if place in {Place.OPTION_NAME, Place.CHOICE} and text in UNTRANSLATED else place
