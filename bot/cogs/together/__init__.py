"""``/together``: stories that several people of a server tell in turns."""

from bot.cogs.together.channel_stage import ChannelStage
from bot.cogs.together.controls import TogetherControls
from bot.cogs.together.group import TogetherCog
from bot.cogs.together.names import Names

__all__ = ["ChannelStage", "Names", "TogetherCog", "TogetherControls"]
