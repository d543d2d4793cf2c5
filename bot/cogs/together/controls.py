"""The buttons and the form of a story told together. Who may do what is looked up at every press."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord

from bot.controls import Form, Press, SubmittedForm, open_form
from bot.controls.answers import FormAnswer, PressAnswer
from bot.controls.story_forms import TEXT, turn_form
from bot.controls.together_views import end_question_view
from bot.look.showing import teller_of
from bot.replies import UNREACHABLE
from bot.storytelling.together.together import Together

Interaction = discord.Interaction[Any]

END_QUESTION = "End the story here, and post the whole of it?"


class TogetherControls:
    """Answers buttons that carry a story's id and the number of a turn, and the form with a passage."""

    def __init__(self, together: Together) -> None:
        self._together = together
        in_place: Mapping[Press, PressAnswer] = {
            Press.TURN_WRITE: self._open_form,
            Press.TURN_BOT: self._ask_bot,
            Press.TURN_PASS: self._pass_on,
            Press.TURN_SKIP: self._skip,
            Press.TURN_JOIN: self._join,
            Press.TURN_LEAVE: self._leave,
            Press.TURN_END: self._ask_end,
        }
        self.presses: Mapping[Press, PressAnswer] = {
            **{press: self._tidily(answer) for press, answer in in_place.items()},
            Press.TURN_END_NOW: self._end,
            Press.TURN_VOTE: self._vote,
        }
        self.forms: Mapping[Form, FormAnswer] = {Form.TURN: self._write}

    def _tidily(self, answer: PressAnswer) -> PressAnswer:
        """Give an answer after which buttons that are not the story's newest are taken away: a crash left them."""

        async def answer_tidily(interaction: Interaction, story_id: int, turn: int) -> None:
            try:
                await answer(interaction, story_id, turn)
            finally:
                message = interaction.message
                if message is not None and await self._together.is_old(teller_of(interaction), story_id, message.id):
                    with suppress(*UNREACHABLE):
                        await message.delete()

        return answer_tidily

    async def _open_form(self, interaction: Interaction, story_id: int, _turn: int) -> None:
        circle = await self._together.refuse_writing(teller_of(interaction), story_id)
        await open_form(interaction, turn_form(story_id, circle.turn))

    async def _write(self, interaction: Interaction, form: SubmittedForm) -> None:
        async with self._quietly(interaction):
            await self._together.write(teller_of(interaction), form.number, form.page, form.text(TEXT))

    async def _ask_bot(self, interaction: Interaction, story_id: int, turn: int) -> None:
        async with self._quietly(interaction):
            await self._together.ask_bot(teller_of(interaction), story_id, turn)

    async def _pass_on(self, interaction: Interaction, story_id: int, turn: int) -> None:
        async with self._quietly(interaction):
            await self._together.pass_on(teller_of(interaction), story_id, turn)

    async def _skip(self, interaction: Interaction, story_id: int, turn: int) -> None:
        async with self._quietly(interaction):
            await self._together.skip(teller_of(interaction), story_id, turn, manages=manages(interaction))

    async def _join(self, interaction: Interaction, story_id: int, _turn: int) -> None:
        async with self._quietly(interaction):
            await self._together.join(teller_of(interaction), story_id)

    async def _leave(self, interaction: Interaction, story_id: int, _turn: int) -> None:
        async with self._quietly(interaction):
            await self._together.leave(teller_of(interaction), story_id)

    async def _ask_end(self, interaction: Interaction, story_id: int, _turn: int) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        circle = await self._together.refuse_leading(
            teller_of(interaction), story_id, manages=manages(interaction)
        )  # fmt: skip
        await interaction.edit_original_response(content=END_QUESTION, view=end_question_view(circle))

    async def _end(self, interaction: Interaction, story_id: int, _turn: int) -> None:
        await interaction.response.defer()
        await self._together.end(teller_of(interaction), story_id, manages=manages(interaction))
        await interaction.edit_original_response(content="It has ended.", view=None)

    async def _vote(self, interaction: Interaction, passage_id: int, turn: int) -> None:
        async with self._quietly(interaction):
            await self._together.vote(teller_of(interaction), passage_id, turn)

    @asynccontextmanager
    async def _quietly(self, interaction: Interaction) -> AsyncIterator[None]:
        """Answer with nothing that stays, unless something goes wrong: what has come of it stands in the story's place.

        The message that was pressed can't be the answer, since it goes as soon as the turn is over.
        """
        await interaction.response.defer(ephemeral=True, thinking=True)
        yield
        with suppress(*UNREACHABLE):
            await interaction.delete_original_response()


def manages(interaction: Interaction) -> bool:
    """Say whether somebody looks after the server, or after the threads of this channel."""
    may = interaction.permissions
    return may.administrator or may.manage_guild or may.manage_threads
