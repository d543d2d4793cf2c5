"""The commands in other languages: one file of words for each language, and what reads them."""

from bot.translations.translator import CommandTranslator

__all__ = ["CommandTranslator"]
