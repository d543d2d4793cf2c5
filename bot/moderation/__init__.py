"""What texts may not say here: a filter that sees through disguises, with a list that is fit for everyone.

Plain functions and data. It knows neither Discord nor the store; ``docs/moderation.md`` says what it catches.
"""

from bot.moderation.filtering import TextFilter, default_filter
from bot.moderation.kinds import Kind, Level
from bot.moderation.server_words import SERVER_WORD_LENGTH, SERVER_WORD_LIMIT, checked_word
from bot.moderation.stream import SafeText, fit_part

__all__ = [
    "SERVER_WORD_LENGTH",
    "SERVER_WORD_LIMIT",
    "Kind",
    "Level",
    "SafeText",
    "TextFilter",
    "checked_word",
    "default_filter",
    "fit_part",
]
