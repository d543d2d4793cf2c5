"""The ``/storyadmin`` group that the commands of this folder hang on; Discord shows it to those who run the server."""

from __future__ import annotations

import discord
from discord import app_commands


def storyadmin_group() -> app_commands.Group:
    """Make the group, empty: each file of this folder adds its commands.

    Discord hides it from whoever may not manage the server, unless the server says otherwise in its own settings;
    the commands ask again themselves.
    """
    return app_commands.Group(
        name="storyadmin",
        description="For those who run this server: where and how stories are told here",
        guild_only=True,
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        default_permissions=discord.Permissions(manage_guild=True),
    )
