"""Sentences: words that are not let through, and a server's own words in the filter."""

from __future__ import annotations

from bot.errors import (
    FilterWordKnown,
    FilterWordUnknown,
    FilterWordUnusable,
    OutputRefused,
    StoryRefused,
    TooManyFilterWords,
    WordsRefused,
)
from bot.moderation import Kind
from bot.sentences.table import Sentences

REFUSALS = {
    Kind.MINORS: "something sexual about minors",
    Kind.SEXUAL: "something sexual",
    Kind.SLUR: "a word of contempt for a group of people",
    Kind.HATE: "hatred against a group of people",
    Kind.SELF_HARM: "something about how to harm oneself",
    Kind.SWEARING: "a strong swearword",
    Kind.MATURE: "swearing or a mention of sex, of which this place wants none",
    Kind.SERVER: "a word that this server does not want",
}
"""What is in a text that is not let through; the word itself is never repeated."""
HELP_WITH_SELF_HARM = (
    " If you think of harming yourself, please talk to somebody: https://findahelpline.com has people to call or "
    "write to, in nearly every country."
)


def _words_refused(error: WordsRefused) -> str:
    helping = HELP_WITH_SELF_HARM if error.kind is Kind.SELF_HARM else ""
    return f"I can't take these words: there is {REFUSALS[error.kind]} in them. Please say it in another way.{helping}"


SENTENCES: Sentences = {
    WordsRefused: _words_refused,
    StoryRefused: lambda error: (
        f"This story can't be shown here: there is {REFUSALS[error.kind]} in it. It stays yours and as it is; "
        "`/stories read` shows it to you alone."
    ),
    OutputRefused: lambda error: (
        f"Twice I wrote {REFUSALS[error.kind]}, so I keep it to myself. Retry may go better, and so may other words."
    ),
    FilterWordUnusable: lambda error: (
        f"A word or phrase has letters, at most {error.limit} characters, and no signs but a `*` at the beginning or "
        "end of a word. Two letters are the least, three with a `*`."
    ),
    FilterWordKnown: lambda _: "This word is in the filter already.",
    FilterWordUnknown: lambda _: "This word is not in this server's filter. `/storyadmin filter list` shows it.",
    TooManyFilterWords: lambda error: (
        f"This server has {error.limit} words in its filter, all that it may. `/storyadmin filter remove` makes room."
    ),
}
