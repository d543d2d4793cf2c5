"""What those who run a server do in tests: use ``/storyadmin``, choose on its panel, and look at what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.playground.client.pressing import selects_of
from bot.playground.client.slash_input import OptionValue
from bot.playground.interactions import Interaction
from bot.playground.rules.command_rules import GROUP, INTEGER, NUMBER, STRING, SUBCOMMAND
from bot.playground.world import MANAGER_PERMISSIONS, Channel, JsonObject, Message, User
from tests.e2e.conftest import Stage
from tests.e2e.reading import SECONDS, plain

BOOLEAN, USER, CHANNEL, ROLE = 5, 6, 7, 8


def manager(stage: Stage, name: str = "Mia") -> User:
    """Give somebody who may manage the server."""
    return stage.playground.world.people().get(name) or stage.playground.add_user(name, permissions=MANAGER_PERMISSIONS)


async def administer(
    stage: Stage, user: User, name: str, /, channel: Channel | None = None, **options: OptionValue
) -> Interaction:
    """Send ``/storyadmin <name>``, as a forged request would be: without what Discord's client checks."""
    return await stage.playground.slash(user, f"storyadmin {name}", options, channel=channel, unchecked=True)


async def panel(stage: Stage, user: User, name: str = "setup", /, **options: OptionValue) -> Message:
    """Use a command as Discord's client lets it through, and give the panel that answers."""
    asked = await stage.playground.slash(user, f"storyadmin {name}", options)
    await asked.until(lambda shown: shown.failed or (shown.message and shown.message.embeds), SECONDS)
    assert asked.message is not None
    assert asked.message.ephemeral
    return asked.message


async def choose(stage: Stage, user: User, message: Message, what: str, values: Sequence[str]) -> Message:
    """Choose in a select of the panel, and wait until it shows what is then."""
    before = len(message.history)
    chosen = await stage.playground.select(user, message, f"rules:{what}", values)
    await chosen.until(lambda shown: shown.failed or shown.followups or len(message.history) > before, SECONDS)
    assert chosen.failed is None
    assert chosen.followups == []
    return message


def card(message: Message) -> str:
    """Give all that stands on a panel."""
    embed = message.embeds[0]
    fields = [f"{field['name']}: {field['value']}" for field in embed.get("fields", [])]
    return plain("\n".join([embed["title"], embed.get("description") or "", *fields]))


def preset_in(message: Message, what: str) -> list[str]:
    """Give what is chosen in a select of the panel."""
    (select,) = [item for item in selects_of(message) if item["custom_id"] == f"rules:{what}"]
    options = [option["value"] for option in select.get("options", []) if option.get("default")]
    return options + [value["id"] for value in select.get("default_values", [])]


def commands_of(stage: Stage) -> Iterator[tuple[str, JsonObject]]:
    """Give every command below ``/storyadmin`` by its name without that, as the bot has registered it."""
    (group,) = [command for command in stage.playground.commands if command["name"] == "storyadmin"]
    yield from _below(group, "")


def _below(item: JsonObject, before: str) -> Iterator[tuple[str, JsonObject]]:
    for option in item.get("options", []):
        name = f"{before} {option['name']}".strip()
        if option["type"] == GROUP:
            yield from _below(option, name)
        elif option["type"] == SUBCOMMAND:
            yield name, option


def any_values(stage: Stage, command: JsonObject, channel: Channel | None = None) -> dict[str, Any]:
    """Give a value for each required option of a command, of whatever kind it is."""
    values: dict[int, Any] = {
        STRING: "word",
        INTEGER: 1,
        NUMBER: 1.0,
        BOOLEAN: True,
        USER: stage.bob,
        CHANNEL: stage.playground.channel,
        ROLE: ((channel and channel.guild) or stage.playground.guild).roles[0],
    }
    return {
        option["name"]: option["choices"][0]["value"] if option.get("choices") else values[option["type"]]
        for option in command.get("options", [])
        if option.get("required")
    }
