"""Which buttons stand below what, and in which rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord

from bot.controls.button import StoryButton
from bot.controls.presses import Press
from bot.store import Author
from bot.storytelling.story_editor import ShownPassage

_MORE_ROWS = (
    (Press.REDO, Press.EDIT, Press.RENAME, Press.GENRE, Press.MEMORY),
    (Press.COPY, Press.EXPORT, Press.SHARE, Press.ASK_DELETE, Press.REPORT),
)


def stop_view(passage_id: int) -> discord.ui.View:
    """Give the controls of a passage that is being written."""
    return _view([StoryButton(Press.STOP, passage_id)])


def passage_view(shown: ShownPassage, *, more: bool = False, archive: bool = False) -> discord.ui.View:
    """Give the controls of a passage that has ended; with ``more``, also those that are needed less often.

    ``archive``: the server has one, in which the story can be put up.
    """
    rows = [_first_row(shown, more=more), _second_row(shown)]
    if more:
        rows += [[_more_button(press, shown) for press in presses] for presses in _MORE_ROWS]
        rows += [[_more_button(Press.ARCHIVE, shown)]] if archive else []
    return _view(*(row for row in rows if row))


def share_view(shown: ShownPassage, *, whole: bool) -> discord.ui.View:
    """Give what readers can do with a story that was shared; ``whole``: all of it is on the card."""
    buttons = [_heart(shown), StoryButton(Press.BRANCH, shown.passage.id)]
    return _view(buttons if whole else [StoryButton(Press.READ, shown.story.id), *buttons])


def stranger_view(passage_id: int) -> discord.ui.View:
    """Give what somebody can do who has pressed a button of another person's story."""
    return _view([StoryButton(Press.BRANCH, passage_id), StoryButton(Press.REPORT, passage_id)])


def delete_question_view(passage_id: int) -> discord.ui.View:
    """Give the question before a story goes for good, on the message that shows a passage of it."""
    return _view([StoryButton(Press.DELETE_HERE, passage_id), StoryButton(Press.KEEP_HERE, passage_id)])


def delete_view(story_id: int) -> discord.ui.View:
    """Give the question before a story goes for good."""
    return _view([StoryButton(Press.DELETE, story_id), StoryButton(Press.KEEP, story_id)])


def format_view(story_id: int, formats: Sequence[str]) -> discord.ui.View:
    """Give a button for each format that a story can be exported in, named by its label; at most 25."""
    view = discord.ui.View(timeout=None)
    for place, label in enumerate(formats):
        view.add_item(StoryButton(Press.EXPORT_AS, story_id, page=place, label=label))
    return view


def heart_label(count: int) -> str:
    """Give what stands on a ♥ that so many readers have given."""
    return f"♥ {count}"


def _first_row(shown: ShownPassage, *, more: bool) -> list[StoryButton]:
    """Give what is pressed most. A passage without text can't be continued, and a person's not be retried."""
    passage_id = shown.passage.id
    buttons = []
    if shown.passage.text:
        buttons.append(StoryButton(Press.CONTINUE, passage_id))
    if shown.passage.author is Author.MODEL:
        style = None if shown.passage.text else discord.ButtonStyle.primary
        buttons.append(StoryButton(Press.RETRY, passage_id, style=style))
    elif not more:
        buttons.append(_more_button(Press.REDO, shown))
    buttons.append(StoryButton(Press.UNDO, passage_id, disabled=len(shown.path) == 1))
    buttons.append(StoryButton(Press.WRITE, passage_id))
    buttons.append(StoryButton(Press.LESS if more else Press.MORE, passage_id))
    return buttons


def _second_row(shown: ShownPassage) -> list[StoryButton]:
    """Give the versions, where there are several, and what readers may press too."""
    passage_id, place, count = shown.passage.id, shown.place, len(shown.versions)
    buttons = []
    if count > 1:
        buttons = [
            StoryButton(Press.VERSION, passage_id, page=max(place - 1, 0), label="◀", disabled=place == 0),
            StoryButton(Press.PLACE, passage_id, label=f"{place + 1}/{count}", disabled=True),
            StoryButton(Press.VERSION, passage_id, page=place + 1, label="▶", disabled=place + 1 >= count),
        ]
    if shown.passage.text:
        buttons.append(StoryButton(Press.BRANCH, passage_id))
        if not shown.story.private:  # nobody else sees it
            buttons.append(_heart(shown))
    return buttons


def _more_button(press: Press, shown: ShownPassage) -> StoryButton:
    number = shown.story.id if press is Press.EXPORT else shown.passage.id
    needs_text = {Press.EDIT, Press.COPY, Press.SHARE, Press.EXPORT, Press.ARCHIVE}
    disabled = not shown.can_redo if press is Press.REDO else press in needs_text and not shown.passage.text
    return StoryButton(press, number, disabled=disabled)


def _heart(shown: ShownPassage) -> StoryButton:
    return StoryButton(Press.HEART, shown.story.id, label=heart_label(shown.hearts))


def _view(*rows: Iterable[StoryButton]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for button in row:
            button.item.row = number
            view.add_item(button)
    return view
