"""Tell Discord about the commands, but only when they changed: it counts every registration."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

import discord
from discord import app_commands

from bot.store import StoryStore

log = logging.getLogger(__name__)

_KEY = "commands_hash"


async def sync_if_changed(tree: app_commands.CommandTree[Any], store: StoryStore, *, force: bool = False) -> bool:
    """Register the commands if their definition differs from the one stored; say whether it was done.

    Discord refusing is no reason to stay away: the commands of last time still work. With ``force`` it raises.
    """
    definition = await commands_hash(tree)
    if not force and await store.get_meta(_KEY) == definition:
        log.info("the commands have not changed")
        return False
    try:
        synced = await tree.sync()
    except discord.HTTPException:
        if force:
            raise
        log.exception("the commands could not be registered; the old ones stay")
        return False
    await store.set_meta(_KEY, definition)
    log.info("registered %d commands", len(synced))
    return True


async def commands_hash(tree: app_commands.CommandTree[Any]) -> str:
    """Give a hash of all that Discord is told about the commands, and of the application that owns them."""
    definition = await definitions(tree)
    definition.sort(key=lambda command: (command["type"], command["name"]))
    text = json.dumps([tree.client.application_id, definition], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def definitions(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """Give what Discord is told about each command, in every language."""
    translator = tree.translator
    if translator is None:
        return [command.to_dict(tree) for command in tree.get_commands()]
    return [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]
