"""Sentences: what can be in the way when a story is told, changed or looked for."""

from __future__ import annotations

from bot.errors import (
    EmptyText,
    MemoryTooLong,
    NothingToContinue,
    NothingToRedo,
    NothingToUndo,
    NothingWritten,
    NotMyStory,
    NotYours,
    OwnHeart,
    PassageNotFound,
    PassageUnfinished,
    PromptTooLong,
    StoryNotFound,
    StoryWithdrawn,
    TooLongForForm,
    TooManyStories,
    TurnNeverCame,
    UnknownButton,
    UnknownChoice,
)
from bot.sentences.table import Sentences

SENTENCES: Sentences = {
    StoryNotFound: lambda _: "There is no such story; perhaps it was deleted.",
    PassageNotFound: lambda _: "This story is no longer there; perhaps it was deleted.",
    NotYours: lambda _: "This is somebody else's story. Begin one of your own with `/story`.",
    TooManyStories: lambda error: (
        f"You have {error.limit} stories being written already. Wait for one to end, or press its Stop."
    ),
    PromptTooLong: lambda error: (
        f"Your text has {error.length:,} characters; at most {error.limit:,} are possible. Please shorten it."
    ),
    EmptyText: lambda _: "There are no words in this. Please type at least one.",
    MemoryTooLong: lambda error: (
        f"Your facts have {error.length:,} characters; at most {error.limit:,} are possible. Please shorten them."
    ),
    TooLongForForm: lambda error: (
        f"This passage has {error.length:,} characters; a form takes {error.limit:,}, so it can't be edited here. "
        "Write adds words of your own below it."
    ),
    NothingToUndo: lambda _: "This is how the story begins, so there is nothing to undo.",
    NothingToRedo: lambda _: "Nothing follows here yet. Continue lets me write on.",
    PassageUnfinished: lambda _: "This passage is still being written. Wait for its end, or press Stop.",
    TurnNeverCame: lambda _: "So many stories are waiting that yours had no turn. Please try again later.",
    NothingWritten: lambda _: "The model found no words for this, twice. Another first sentence helps.",
    NotMyStory: lambda _: "This message is no story of mine, so there is nothing that I could do about it.",
    NothingToContinue: lambda _: (
        "This message has no words that I could go on from. `/story` begins one with words of yours."
    ),
    StoryWithdrawn: lambda _: (
        "Those who run this server have taken this story out of it. To its owner it stays: `/stories read` opens it, "
        "and in direct messages with me it can go on."
    ),
    OwnHeart: lambda _: "This is your own story. A ♥ is for the stories of others.",
    UnknownChoice: lambda _: "One of the options has a value that I don't know. Please choose again.",
    UnknownButton: lambda _: "I don't know this button. `/stories read` opens your story, `/help` says more.",
}
