"""What a person does on the page, as messages of its WebSocket: each becomes a call of the playground's client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.playground.client.slash_input import OptionValue, choose
from bot.playground.interactions import ACKNOWLEDGE_SECONDS, Interaction
from bot.playground.refusals import PlaygroundRefused
from bot.playground.server import Playground
from bot.playground.terminal.command_line import Typed, read_values
from bot.playground.world import Channel, JsonObject, Message, User

SAID_LENGTH = 2000
TRY_AGAIN = "Something went wrong. Try again."
"""Discord's words where a form was sent and the bot did not respond."""


class Actions:
    """Does what one person asks for in one channel; ``hidden`` takes the ids of what they dismiss."""

    def __init__(self, playground: Playground, user: User, channel: Channel, hidden: set[int]) -> None:
        self._playground = playground
        self._user = user
        self._channel = channel
        self._hidden = hidden
        self._known: Mapping[str, Callable[[JsonObject], Awaitable[JsonObject]]] = {
            "slash": self._slash,
            "suggest": self._suggest,
            "press": self._press,
            "select": self._select,
            "submit": self._submit,
            "menu": self._menu,
            "say": self._say,
            "dismiss": self._dismiss,
        }

    async def do(self, wanted: JsonObject) -> JsonObject:
        """Do it, and give what the page is told about it.

        Raises:
            PlaygroundRefused: where Discord's client would not let a person do this, or the page asks for nonsense

        """
        action = self._known.get(str(wanted.get("do")))
        if action is None:
            raise PlaygroundRefused("The page asks for something that the playground does not know.")
        try:
            return await action(wanted)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PlaygroundRefused("The page asks for something that makes no sense.") from error

    async def _slash(self, wanted: JsonObject) -> JsonObject:
        name = str(wanted["name"])
        values = self._values(name, wanted.get("options") or {})
        asked = await self._playground.slash(self._user, name, values, channel=self._channel)
        return await self._form_or_nothing(asked)

    async def _suggest(self, wanted: JsonObject) -> JsonObject:
        name = str(wanted["name"])
        others = self._values(name, wanted.get("options") or {})
        option, typed = str(wanted["option"]), str(wanted["typed"])
        choices = await self._playground.autocomplete(self._user, name, option, typed, others, channel=self._channel)
        return {"choices": choices}

    def _values(self, name: str, texts: Mapping[str, Any]) -> dict[str, OptionValue]:
        chosen = choose(self._playground.usable_commands(self._channel), name)
        known = {option["name"] for option in chosen.options}
        given = {str(option): str(text) for option, text in texts.items()}
        if unknown := given.keys() - known:
            raise PlaygroundRefused(f"/{chosen.name} has no option {min(unknown)}.")
        typed = Typed(chosen=chosen, texts=given)
        return read_values(typed, world=self._playground.world, guild=self._channel.guild)

    async def _press(self, wanted: JsonObject) -> JsonObject:
        message = self._message(wanted)
        return await self._form_or_nothing(await self._playground.press(self._user, message, str(wanted["control"])))

    async def _select(self, wanted: JsonObject) -> JsonObject:
        values = [str(value) for value in wanted["values"]]
        control = str(wanted["control"])
        asked = await self._playground.select(self._user, self._message(wanted), control, values)
        return await self._form_or_nothing(asked)

    async def _menu(self, wanted: JsonObject) -> JsonObject:
        target = self._person(wanted["person"]) if "person" in wanted else self._message(wanted)
        asked = await self._playground.menu(self._user, str(wanted["name"]), target, channel=self._channel)
        return await self._form_or_nothing(asked)

    def _person(self, user_id: object) -> User:
        person = self._playground.world.users.get(int(str(user_id)))
        if person is None:
            raise PlaygroundRefused("This person is gone.")
        return person

    async def _form_or_nothing(self, asked: Interaction) -> JsonObject:
        """Wait for the bot's first response and give the form that it opened; messages come by the feed."""
        await asked.until(lambda shown: shown.acknowledged_after is not None or shown.failed, ACKNOWLEDGE_SECONDS * 2)
        return {} if asked.modal is None else {"form": asked.modal, "asked": str(asked.id)}

    async def _submit(self, wanted: JsonObject) -> JsonObject:
        opened = next((asked for asked in self._playground.interactions if str(asked.id) == wanted["asked"]), None)
        if opened is None:
            raise PlaygroundRefused("This form is no longer open.")
        sent = await self._playground.submit(self._user, opened, dict(wanted["fields"]))
        answer = await self._form_or_nothing(sent)
        if sent.failed:
            self._hidden.add(sent.id)  # the form itself says it
            raise PlaygroundRefused(TRY_AGAIN)
        return answer

    async def _say(self, wanted: JsonObject) -> JsonObject:
        text = str(wanted["text"]).strip()
        if not 0 < len(text) <= SAID_LENGTH:
            raise PlaygroundRefused(f"A message has 1 to {SAID_LENGTH} characters.")
        self._playground.say(self._user, text, channel=self._channel)
        return {}

    async def _dismiss(self, wanted: JsonObject) -> JsonObject:
        # The page has taken it away itself; this keeps it away after a reload.
        self._hidden.add(int(wanted["what"]))
        return {}

    def _message(self, wanted: JsonObject) -> Message:
        message = self._playground.world.messages.get(int(wanted["message"]))
        if message is None or message.channel is not self._channel:
            raise PlaygroundRefused("This message is gone.")
        return message
