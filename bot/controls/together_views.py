"""Which buttons stand below a story that is told together."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from bot.controls.button import StoryButton
from bot.controls.presses import Press
from bot.controls.views import heart_label
from bot.store import Circle, Phase, TurnOrder


def circle_view(circle: Circle) -> discord.ui.View:
    """Give what may be done now; who may do it is looked up at every press."""
    if circle.phase is Phase.WRITING:
        return _view(_coming_and_going(circle))
    if circle.phase is Phase.VOTING:
        return _view(_candidates(circle), _coming_and_going(circle))
    presses = [Press.TURN_WRITE, Press.TURN_BOT]
    if circle.turn_order is TurnOrder.ROUND_ROBIN and circle.phase is Phase.TURN:
        presses += [Press.TURN_PASS, Press.TURN_SKIP]
    return _view(
        [StoryButton(press, circle.story_id, page=circle.turn) for press in presses], _coming_and_going(circle)
    )


def end_question_view(circle: Circle) -> discord.ui.View:
    """Give the question before a story ends."""
    return _view([StoryButton(Press.TURN_END_NOW, circle.story_id, page=circle.turn)])


def told_view(story_id: int, passage_id: int, hearts: int) -> discord.ui.View:
    """Give what readers, and those who told it, do with a story that has ended."""
    return _view(
        [
            StoryButton(Press.HEART, story_id, label=heart_label(hearts)),
            StoryButton(Press.EXPORT, story_id),
            StoryButton(Press.BRANCH, passage_id),
        ]
    )


def _candidates(circle: Circle) -> list[StoryButton]:
    chosen = [vote.passage_id for vote in circle.cast]
    return [
        StoryButton(
            Press.TURN_VOTE, passage_id, page=circle.turn, label=f"{number} · {_votes(chosen.count(passage_id))}",
            style=discord.ButtonStyle.primary,
        )
        for number, passage_id in enumerate(circle.candidates, 1)
    ]  # fmt: skip


def _coming_and_going(circle: Circle) -> list[StoryButton]:
    presses = (Press.TURN_JOIN, Press.TURN_LEAVE, Press.TURN_END)
    return [StoryButton(press, circle.story_id, page=circle.turn) for press in presses]


def _votes(count: int) -> str:
    return f"{count} {'vote' if count == 1 else 'votes'}"


def _view(*rows: Iterable[StoryButton]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for button in row:
            button.item.row = number
            view.add_item(button)
    return view
