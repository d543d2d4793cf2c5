"""Sentences: a server's archive of stories."""

from __future__ import annotations

from bot.errors import NoArchive, PermissionsMissing, TagNeeded
from bot.sentences.table import Sentences
from bot.text import escaped

SENTENCES: Sentences = {
    NoArchive: lambda _: (
        "This server has no archive for stories. Those who run it can choose one with `/storyadmin archive`."
    ),
    PermissionsMissing: lambda error: (
        f"In <#{error.channel_id}> I lack the permission{'' if len(error.missing) == 1 else 's'} "
        f"**{'**, **'.join(error.missing)}**. Nothing was posted or changed; "
        "somebody who runs this server can give me that."
    ),
    TagNeeded: lambda error: (
        f"The forum <#{error.channel_id}> takes no post without a tag, and has none called {escaped(error.tag)}. "
        "Somebody who runs this server can add it, or let me manage that forum."
    ),
}
