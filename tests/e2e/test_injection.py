"""Words that mean something to Discord mention nobody and change nothing, wherever the bot shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.playground.world import Message
from tests.e2e.acting import filled_in, told
from tests.e2e.conftest import Stage
from tests.e2e.reading import shown_text
from tests.fakes.scripted_engine import ScriptedEngine

HOSTILE = "@everyone <@1> <@&2> <#3> **b** ||s|| `c` [l](https://e.org) </x:1>"
WRITTEN = f' and {HOSTILE} said "Stop".\n# Big\n> quote @here.'
LIVE = re.compile(r"(?<!\\)(?:<[@#/]|\|\||\*\*b|`c|\[l\])|@(?:everyone|here)|^(?:#|>) ", re.MULTILINE)
"""Words of ours that Discord would turn into something else."""


def read_as_markdown(sent: Any) -> Iterator[str]:
    """Give what Discord reads as markdown of a message that the bot sends."""
    if isinstance(sent, dict):
        for name, inner in sent.items():
            if name in {"content", "description", "value", "title"} and isinstance(inner, str):
                yield inner
            elif name != "options":
                yield from read_as_markdown(inner)
    elif isinstance(sent, list):
        for inner in sent:
            yield from read_as_markdown(inner)


def messages_sent(stage: Stage) -> list[dict[str, Any]]:
    """Give the bodies of all messages that the bot has sent or edited."""
    bodies = (request.json for request in stage.playground.requests if isinstance(request.json, dict))
    data = (body.get("data", body) for body in bodies)
    return [each for each in data if isinstance(each, dict) and {"content", "embeds"} & each.keys()]


async def test_hostile_words_are_shown_to_the_letter_in_every_place(stage: Stage) -> None:
    commands: list[tuple[str, dict[str, str | float]]] = [
        ("settings preset save", {"name": "@everyone ||s||", "temperature": 0.5}),
        ("settings show", {}),
        ("stories list", {}),
        ("stories read", {"story": "1"}),
        ("stories read", {"story": HOSTILE[:90]}),
        ("stories export", {"story": "1", "format": "md"}),
    ]
    async with stage.bot(ScriptedEngine([WRITTEN, WRITTEN])):
        message = await told(stage, prompt=HOSTILE, title=HOSTILE[:80])
        await filled_in(stage, stage.ada, message, "More", "Memory", fields={"text": HOSTILE})
        for command, options in commands:
            asked = await stage.playground.slash(stage.ada, command, options)
            await asked.until(_is_answered)
    sent = messages_sent(stage)
    live = [text for body in sent for text in read_as_markdown(body) if LIVE.search(text)]
    assert len(sent) > 6
    assert live == []
    assert {tuple(body["allowed_mentions"]["parse"]) for body in sent if "allowed_mentions" in body} == {()}
    assert "@everyone" in shown_text(message)


async def test_everything_that_is_sent_says_that_it_mentions_nobody(stage: Stage) -> None:
    async with stage.bot(ScriptedEngine([WRITTEN, WRITTEN])):
        await told(stage, prompt=HOSTILE, title="Loud")
    with_words = [body for body in messages_sent(stage) if body.get("content") or body.get("embeds")]
    assert [body for body in with_words if body.get("allowed_mentions", {}).get("parse") != []] == []


def _is_answered(shown: Any) -> bool:
    message: Message | None = shown.message
    return bool(shown.failed or (message and not message.loading) or shown.followups)
