"""The forms below a story, and the one that begins a story from somebody's message."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.controls.form import Form, blank_form
from bot.errors import TooLongForForm
from bot.store import Passage, StoredStory
from bot.storytelling.story_editor import EDIT_LENGTH, MEMORY_LENGTH, REASON_LENGTH
from bot.storytelling.storyteller import PROMPT_LENGTH, TITLE_LENGTH
from storygen.genre import Genre

TEXT = "text"
"""The field of what a person writes, in every form."""
GENRE = "genre"
THEN = "then"
"""Whether the bot goes on after a person's words."""
GO_ON, LEAVE_IT = "go_on", "leave_it"

OFFERED_GENRES = 25
"""Discord's selects have at most so many options."""


def write_form(passage: Passage) -> discord.ui.Modal:
    """Ask for the next passage in a person's own words."""
    form = blank_form(Form.WRITE, passage.id, "Write the next passage")
    form.add_item(_long_text("Your words", PROMPT_LENGTH))
    then: discord.ui.RadioGroup[discord.ui.Modal] = discord.ui.RadioGroup(
        custom_id=THEN,
        options=[
            discord.RadioGroupOption(label="I go on after your words", value=GO_ON, default=True),
            discord.RadioGroupOption(label="Leave it at your words", value=LEAVE_IT),
        ],
    )
    form.add_item(discord.ui.Label(text="And then", component=then))
    return form


def turn_form(story_id: int, turn: int) -> discord.ui.Modal:
    """Ask for a passage of a story told together."""
    form = blank_form(Form.TURN, story_id, "The next passage", page=turn)
    form.add_item(_long_text("Your words", PROMPT_LENGTH, hint="They go to the end of the story, with your name."))
    return form


def edit_form(passage: Passage) -> discord.ui.Modal:
    """Let a person change a passage. Raises TooLongForForm."""
    text = passage.text.strip()
    if len(text) > EDIT_LENGTH:
        raise TooLongForForm(len(text), EDIT_LENGTH)
    form = blank_form(Form.EDIT, passage.id, "Change this passage")
    form.add_item(_long_text("Text", EDIT_LENGTH, before=text))
    return form


def rename_form(story: StoredStory, passage: Passage) -> discord.ui.Modal:
    """Ask for another title."""
    form = blank_form(Form.RENAME, passage.id, "Rename this story")
    box: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=TEXT, default=story.title[:TITLE_LENGTH], max_length=TITLE_LENGTH
    )
    form.add_item(discord.ui.Label(text="Title", component=box))
    return form


def memory_form(story: StoredStory, passage: Passage) -> discord.ui.Modal:
    """Ask for the facts that the model is to keep in mind."""
    form = blank_form(Form.MEMORY, passage.id, "What I keep in mind")
    field = _long_text(
        "Facts of this story",
        MEMORY_LENGTH,
        before=story.memory,
        required=False,
        hint="Names, places, what has happened. I read it before every passage; empty forgets it.",
    )
    form.add_item(field)
    return form


def genre_form(story: StoredStory, passage: Passage, genres: Sequence[Genre]) -> discord.ui.Modal:
    """Ask for another genre."""
    form = blank_form(Form.GENRE, passage.id, "Change the genre")
    form.add_item(_genre_select(genres, story.genre, "From the next passage on"))
    return form


def report_form(passage_id: int) -> discord.ui.Modal:
    """Ask what is wrong with a passage."""
    form = blank_form(Form.REPORT, passage_id, "Report this story")
    form.add_item(
        _long_text("What is wrong with it", REASON_LENGTH, hint="Read by those who run this server and this bot.")
    )
    return form


def begin_form(text: str, genres: Sequence[Genre]) -> discord.ui.Modal:
    """Ask for the genre of a story that begins with ``text``."""
    form = blank_form(Form.BEGIN, 0, "Continue as story")
    form.add_item(_genre_select(genres, None, "What kind of story"))
    form.add_item(_long_text("How it begins", PROMPT_LENGTH, before=text))
    return form


def _long_text(
    label: str, limit: int, *, before: str = "", hint: str | None = None, required: bool = True
) -> discord.ui.Label[discord.ui.Modal]:
    box: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        style=discord.TextStyle.paragraph, custom_id=TEXT, default=before, max_length=limit, required=required
    )
    return discord.ui.Label(text=label, description=hint, component=box)


def _genre_select(genres: Sequence[Genre], chosen: str | None, hint: str) -> discord.ui.Label[discord.ui.Modal]:
    options = [
        discord.SelectOption(label=genre.label, value=genre.name, default=genre.name == chosen)
        for genre in genres[:OFFERED_GENRES]
    ]
    if len(genres) > OFFERED_GENRES:
        hint = f"{hint}. Here are {OFFERED_GENRES} of {len(genres)}; /story has them all."
    select: discord.ui.Select[discord.ui.Modal] = discord.ui.Select(custom_id=GENRE, options=options)
    return discord.ui.Label(text="Genre", description=hint, component=select)
