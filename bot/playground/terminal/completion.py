"""What the Tab key offers: commands, subcommands, options, choices, and the bot's own suggestions."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from bot.playground.client.slash_input import BOOLEAN, Chosen, choose
from bot.playground.refusals import PlaygroundRefused
from bot.playground.rules.command_rules import CHAT_INPUT, MESSAGE_MENU, USER_MENU
from bot.playground.terminal.command_line import ENTITIES, known_entities, parse
from bot.playground.terminal.player import Player
from bot.playground.world import JsonObject

MENU = "menu "
"""How a line begins that uses an entry of a menu."""


class CommandCompleter(Completer):
    """Completes the line of one player."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002 -- prompt_toolkit calls it so
        """Offer nothing: what there is to offer needs the bot, see ``get_completions_async``."""
        return ()

    async def get_completions_async(
        self,
        document: Document,
        complete_event: CompleteEvent,  # noqa: ARG002 -- prompt_toolkit calls it so
    ) -> AsyncGenerator[Completion, None]:
        """Offer what fits where the cursor stands."""
        text = document.text_before_cursor
        for completion in await self.offers(text):
            yield completion

    async def offers(self, text: str) -> list[Completion]:
        """Give what fits at the end of ``text``."""
        if text.startswith(MENU):
            return self._entries(text.removeprefix(MENU))
        if not text.startswith("/"):
            return []
        commands = self._player.playground.usable_commands()
        names = [name for name in _names(commands) if name.startswith(text) and name != text.rstrip()]
        if names:
            return [Completion(f"{name} ", start_position=-len(text), display=name) for name in names]
        try:
            chosen = choose(commands, " ".join(_command_words(text, commands)))
        except PlaygroundRefused:
            return []
        return await self._inside(text, chosen)

    def _entries(self, typed: str) -> list[Completion]:
        """Offer what the menu of a message has, or, after ``@Bob``, that of a person."""
        person = re.match(r"@\S+\s+", typed)
        typed = typed[person.end() :] if person else typed
        kind = USER_MENU if person else MESSAGE_MENU
        names = [str(item["name"]) for item in self._player.playground.usable_commands() if item["type"] == kind]
        fitting = [name for name in names if name.lower().startswith(typed.lower())]
        return [Completion(name, start_position=-len(typed), display=name) for name in fitting]

    async def _inside(self, text: str, chosen: Chosen) -> list[Completion]:
        """Offer values of the option that is being typed, or further options."""
        begun = [match for option in chosen.options for match in _starts(option["name"], text)]
        word = re.search(r"\S*$", text)
        last = word[0] if word else ""
        further = [o for o in chosen.options if f"{o['name']}:" not in text and o["name"].startswith(last)]
        offered = [
            Completion(f"{o['name']}:", start_position=-len(last), display_meta=o["description"]) for o in further
        ]
        if begun:
            current = max(begun, key=lambda match: match.end())
            return await self._values(text, chosen, current) + (offered if last and not text.endswith(":") else [])
        return offered

    async def _values(self, text: str, chosen: Chosen, current: re.Match[str]) -> list[Completion]:
        option = next(item for item in chosen.options if item["name"] == current[1])
        typed = text[current.end() :].lstrip()
        if option.get("autocomplete"):
            return [
                Completion(str(choice["value"]), start_position=-len(typed), display=str(choice["name"]))
                for choice in await self._suggested(text[: current.start()], chosen, current[1], typed)
            ]
        known = _known_values(option, self._player)
        return [
            Completion(f"{value} ", start_position=-len(typed), display=value)
            for value in known
            if value.lower().startswith(typed.lower())
        ]

    async def _suggested(self, before: str, chosen: Chosen, name: str, typed: str) -> list[JsonObject]:
        playground = self._player.playground
        try:
            others = dict(parse(before, playground.usable_commands()).texts)
            return await playground.autocomplete(self._player.user, chosen.name, name, typed, others)
        except PlaygroundRefused:
            return []


def _names(commands: Iterable[JsonObject]) -> Iterator[str]:
    for command in commands:
        if command["type"] == CHAT_INPUT:
            yield from _nested(f"/{command['name']}", command)


def _nested(name: str, item: JsonObject) -> Iterator[str]:
    inner = [option for option in item.get("options") or [] if option["type"] <= 2]  # noqa: PLR2004 -- 1 and 2 are subcommands and groups
    if not inner:
        yield name
    for option in inner:
        yield from _nested(f"{name} {option['name']}", option)


def _command_words(text: str, commands: Iterable[JsonObject]) -> list[str]:
    fitting = [name for name in _names(commands) if text == name or text.startswith(f"{name} ")]
    return max(fitting, key=len).split() if fitting else [text.split(maxsplit=1)[0]]


def _starts(name: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<=\s)({re.escape(name)}):", text)


def _known_values(option: JsonObject, player: Player) -> list[str]:
    if option.get("choices"):
        return [str(choice["name"]) for choice in option["choices"]]
    if option["type"] == BOOLEAN:
        return ["true", "false"]
    if option["type"] in ENTITIES:
        return list(known_entities(option["type"], player.playground.world, player.playground.guild))
    return []
