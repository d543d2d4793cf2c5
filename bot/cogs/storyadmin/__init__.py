"""``/storyadmin``: what the people who run a server decide there."""

from bot.cogs.storyadmin.group import storyadmin_group

__all__ = ["storyadmin_group"]
