"""A person at the keyboard, without the keyboard: what each typed line does, and which messages matter now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.playground.client.pressing import FieldValue, fields_of
from bot.playground.interactions import Interaction
from bot.playground.refusals import PlaygroundRefused
from bot.playground.rules.component_rules import BUTTON, CHECKBOX, RADIO_GROUP, TEXT_INPUT
from bot.playground.server import Playground
from bot.playground.terminal.command_line import NO, YES, parse, read_values
from bot.playground.terminal.screen import controls_of
from bot.playground.world import JsonObject, Message, User

HELP = """\
/story genre:horror prompt:the cellar door   a command; Tab completes; a value goes up to the next option
1                                            press the button [1]
2: Red, Blue                                 choose in the select [2]
say once upon a time                         write an ordinary message
menu Continue as story                       use an entry from the menu of the newest message
menu @Bob Greet                              or of a person
/as Bob                                      be somebody else, who need not exist yet
/in The old door                             go to another channel or thread, by the beginning of its name
help, quit"""

Ask = Callable[[str, str], Awaitable[str]]
"""Asks for one field of a form, given its label and what stands in it; the answer."""


class Quit(Exception):
    """The person wants to leave."""


class Player:
    """Turns lines into what people do on Discord, and keeps what is on the screen."""

    def __init__(self, playground: Playground, user: User, *, ask: Ask) -> None:
        self.playground = playground
        self.user = user
        self.channel = playground.channel
        self.interaction: Interaction | None = None
        self._ask = ask
        self._since = playground.clock.now()
        self._before = self._seen()[-1:]
        self._with_controls = self._before

    async def do(self, line: str) -> str | None:
        """Do what a line says; a sentence to show, or None.

        Raises:
            PlaygroundRefused: where Discord would not let a person do this
            Quit: when the person leaves

        """
        line = line.strip()
        if not line:
            return None
        if line.lstrip("/").lower() in ("quit", "exit"):
            raise Quit
        if line.lower() in ("help", "?"):
            return HELP
        words = line.split(maxsplit=1)
        turns = {"as": self._become, "in": self._go_to}
        if turn := turns.get(words[0].removeprefix("/")):
            return turn(words[1] if len(words) > 1 else "")
        self._look_from_now()
        if words[0] in ("say", "menu"):
            await self._say_or_menu(words[0], words[1] if len(words) > 1 else "")
        elif line[0].isdigit():
            await self._use_control(line)
        elif line.startswith("/"):
            await self._command(line)
        else:
            raise PlaygroundRefused("Type a command, such as /help, the number of a button, or help.")
        return None

    def visible(self) -> list[Message]:
        """Give the messages that appeared or changed since the last line; when there are none, those before it."""
        source = self.interaction.source if self.interaction else None
        fresh = [message for message in self._seen() if message is source or self._is_fresh(message)]
        return fresh or [message for message in self._before if message.seen_by(self.user)]

    def _seen(self) -> list[Message]:
        return self.playground.messages(self.channel, viewer=self.user)

    def _is_fresh(self, message: Message) -> bool:
        return (message.history[-1].at if message.history else message.created) >= self._since

    def _look_from_now(self) -> None:
        self._before = self.visible()
        if controls_of(self._before):
            self._with_controls = self._before
        self.interaction = None
        self._since = self.playground.clock.now()

    def _become(self, name: str) -> str:
        if not name:
            raise PlaygroundRefused("Say who: /as Bob")
        people = self.playground.world.people()
        self.user = people.get(name) or self.playground.add_user(name)
        return f"You are {name} now."

    def _go_to(self, name: str) -> str:
        """Go to the newest channel of the server whose name begins so; what stands there is what matters now."""
        channels = reversed(self.playground.world.channels_of(self.playground.guild))
        found = next((one for one in channels if name and one.name.casefold().startswith(name.casefold())), None)
        if found is None:
            raise PlaygroundRefused("Say where: /in and the beginning of a channel's or thread's name.")
        self.channel, self.interaction = found, None
        self._since = self.playground.clock.now()
        self._before = self._with_controls = self._seen()
        return f"You are in {found.name} now."

    async def _say_or_menu(self, which: str, what: str) -> None:
        if not what:
            raise PlaygroundRefused("Say what: say once upon a time, or menu Continue as story.")
        if which == "say":
            self.playground.say(self.user, what, channel=self.channel)
            return
        target = self._person_in(what) or self._newest()
        entry = what.split(maxsplit=1)[-1] if isinstance(target, User) else what
        self.interaction = await self.playground.menu(self.user, entry, target, channel=self.channel)
        await self._after()

    def _person_in(self, what: str) -> User | None:
        """Give whom ``@Bob Greet`` aims at."""
        if not what.startswith("@"):
            return None
        people = {name.lower(): user for name, user in self.playground.world.people().items()}
        name = what[1:].split(maxsplit=1)[0].lower()
        if name not in people:
            raise PlaygroundRefused(f"There is nobody here called {name}.")
        return people[name]

    def _newest(self) -> Message:
        messages = [message for message in self._seen() if not message.ephemeral and not message.loading]
        if not messages:
            raise PlaygroundRefused("There is no message yet whose menu could be opened.")
        return messages[-1]

    async def _command(self, line: str) -> None:
        typed = parse(line, self.playground.usable_commands(self.channel))
        values = read_values(typed, world=self.playground.world, guild=self.channel.guild)
        self.interaction = await self.playground.slash(self.user, typed.chosen.name, values, channel=self.channel)
        await self._after()

    async def _use_control(self, line: str) -> None:
        number, _, chosen = (part.strip() for part in line.partition(":"))
        controls = controls_of(message for message in self._with_controls if message.seen_by(self.user))
        if not number.isdigit() or not 1 <= int(number) <= len(controls):
            raise PlaygroundRefused(f"There is no button [{number}]. {_how_many(len(controls))}")
        message, item = controls[int(number) - 1]
        if item["type"] == BUTTON:
            self.interaction = await self.playground.press(self.user, message, str(item.get("custom_id")))
        else:
            values = [value.strip() for value in chosen.split(",") if value.strip()]
            self.interaction = await self.playground.select(self.user, message, item["custom_id"], values)
        await self._after()

    async def _after(self) -> None:
        """Wait for the first response, and fill a form if it is one."""
        shown = self.interaction
        if shown is None:
            return
        await shown.until(lambda asked: asked.acknowledged_after is not None or asked.failed, 10)
        if shown.failed:
            raise PlaygroundRefused(shown.failed)
        if shown.modal is not None:
            fields = await self._fill(shown.modal)
            self.interaction = await self.playground.submit(self.user, shown, fields)
            await self._after()

    async def _fill(self, modal: JsonObject) -> dict[str, FieldValue]:
        fields: dict[str, FieldValue] = {}
        for label, item in fields_of(modal):
            prompt = f"{modal['title']} · {label}"
            if options := item.get("options"):
                prompt += " (" + " | ".join(option["label"] for option in options) + ")"
            answer = await self._ask(prompt, _shown_in(item))
            fields[item["custom_id"]] = _field_value(item, answer)
        return fields


def _how_many(controls: int) -> str:
    if not controls:
        return "There is nothing to press yet; a story has buttons."
    return "There is only [1]." if controls == 1 else f"They go from [1] to [{controls}]."


def _shown_in(item: JsonObject) -> str:
    """Give what stands in a field before anybody touches it, as it would be typed."""
    if item["type"] == CHECKBOX:
        return YES[0] if item.get("default") else NO[0]
    chosen = [option["label"] for option in item.get("options") or [] if option.get("default")]
    return ", ".join(chosen) or str(item.get("value") or "")


def _field_value(item: JsonObject, answer: str) -> FieldValue:
    if item["type"] in (TEXT_INPUT, RADIO_GROUP):
        return answer
    if item["type"] == CHECKBOX:
        return answer.lower() in YES
    return [part.strip() for part in answer.split(",") if part.strip()]
