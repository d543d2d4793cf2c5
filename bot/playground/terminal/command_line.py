"""The line that a person types: ``/story genre:horror prompt:words until the next option: max_length:120``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.playground.client.entities import entities_in
from bot.playground.client.slash_input import BOOLEAN, CHANNEL, ROLE, USER, Chosen, OptionValue, choose
from bot.playground.refusals import PlaygroundRefused
from bot.playground.rules.command_rules import INTEGER, NUMBER, STRING
from bot.playground.world import Channel, Guild, JsonObject, Role, User, World

ENTITIES = (USER, CHANNEL, ROLE)
YES, NO = ("true", "yes", "on"), ("false", "no", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A line taken apart: the command as found, and the text given for each of its options."""

    chosen: Chosen
    texts: dict[str, str]


def parse(line: str, commands: Sequence[JsonObject]) -> Typed:
    """Take a line apart. A value goes up to the next option of this command, or stands in double quotes.

    Raises:
        PlaygroundRefused: for an unknown command, words that belong to no option, or an option given twice

    """
    head, body = _split_name(line, commands)
    chosen = choose(commands, head)
    names = [option["name"] for option in chosen.options]
    texts: dict[str, str] = {}
    position = _skip_space(body, 0)
    while position < len(body):
        match = _option_at(body, position, names)
        if match is None:
            hint = f"; write {names[0]}:… before it" if names else ""
            raise PlaygroundRefused(f"“{body[position:].strip()}” belongs to no option{hint}.")
        name = match[1]
        if name in texts:
            raise PlaygroundRefused(f"The option {name} is given twice.")
        texts[name], position = _read_value(body, match.end(), names)
    return Typed(chosen=chosen, texts=texts)


def _split_name(line: str, commands: Sequence[JsonObject]) -> tuple[str, str]:
    """Split the command with its subcommands from the rest."""
    words = line.strip().split()
    if not words:
        raise PlaygroundRefused("Type a command, such as /help.")
    count = 1
    options = next((c.get("options") or [] for c in commands if c["name"] == words[0].removeprefix("/")), [])
    while count < len(words):
        inner = next((o for o in options if o["name"] == words[count] and o["type"] <= 2), None)  # noqa: PLR2004 -- 1 and 2 are subcommands and groups
        if inner is None:
            break
        options = inner.get("options") or []
        count += 1
    rest = line.strip()
    for word in words[:count]:
        rest = rest[len(word) :].lstrip()
    return " ".join(words[:count]), rest


def _option_at(body: str, position: int, names: Sequence[str]) -> re.Match[str] | None:
    if not names or (position and not body[position - 1].isspace()):
        return None
    return re.compile(f"({'|'.join(map(re.escape, names))}):").match(body, position)


def _skip_space(body: str, position: int) -> int:
    while position < len(body) and body[position].isspace():
        position += 1
    return position


def _read_value(body: str, start: int, names: Sequence[str]) -> tuple[str, int]:
    """Read the value that begins at ``start``, and tell where the next option begins."""
    quoted = re.compile(r'\s*"((?:[^"\\]|\\.)*)"(?=\s|$)').match(body, start)
    if quoted is not None:
        after = _skip_space(body, quoted.end())
        if after == len(body) or _option_at(body, after, names):
            return re.sub(r"\\(.)", r"\1", quoted[1]), after
    position = start
    while position < len(body) and not _option_at(body, position, names):
        position += 1
    return body[start:position].strip(), position


def write(name: str, texts: Mapping[str, str]) -> str:
    """Write the line that ``parse`` takes apart into these texts; each is quoted."""
    values = (f'{option}:"{_escaped(text)}"' for option, text in texts.items())
    return " ".join((f"/{name}", *values))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def read_values(typed: Typed, *, world: World, guild: Guild | None) -> dict[str, OptionValue]:
    """Read the texts as what their options take.

    Raises:
        PlaygroundRefused: when a text is no number, no person, and so on

    """
    options = {option["name"]: option for option in typed.chosen.options}
    return {name: _read(options[name], text, world, guild) for name, text in typed.texts.items()}


def _read(option: JsonObject, text: str, world: World, guild: Guild | None) -> OptionValue:
    kind, name = option["type"], option["name"]
    for choice in option.get("choices") or []:
        if text.lower() in (str(choice["value"]).lower(), str(choice["name"]).lower()):
            value: OptionValue = choice["value"]
            return value
    if kind in (INTEGER, NUMBER):
        return _read_number(name, text, whole=kind == INTEGER)
    if kind == BOOLEAN:
        if text.lower() not in YES + NO:
            raise PlaygroundRefused(f"{name} is either true or false.")
        return text.lower() in YES
    if kind in ENTITIES:
        return _read_entity(name, text, known_entities(kind, world, guild))
    return text if kind == STRING else ""


def _read_number(name: str, text: str, *, whole: bool) -> int | float:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        raise PlaygroundRefused(f"{name} must be a {'whole ' if whole else ''}number.") from None


def known_entities(kind: int, world: World, guild: Guild | None) -> Mapping[str, User | Channel | Role]:
    """Give the people, channels or roles that an option of this kind may name, by their names."""
    if kind == USER:
        return world.people()
    here = entities_in(world, guild).values()
    return {each.name: each for each in here if isinstance(each, Channel if kind == CHANNEL else Role)}


def _read_entity(name: str, text: str, known: Mapping[str, User | Channel | Role]) -> User | Channel | Role:
    found = {key.lstrip("@#").lower(): value for key, value in known.items()}.get(text.lstrip("@#").lower())
    if found is None:
        raise PlaygroundRefused(f"{name} must be one of {', '.join(known)}.")
    return found
