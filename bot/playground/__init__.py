"""A small Discord on 127.0.0.1: the real bot logs in to it, people play with it, tests drive it."""

from bot.playground.clock import ManualClock
from bot.playground.interactions import Interaction
from bot.playground.refusals import PlaygroundRefused
from bot.playground.server import Playground
from bot.playground.world import Channel, Guild, Message, User

__all__ = ["Channel", "Guild", "Interaction", "ManualClock", "Message", "Playground", "PlaygroundRefused", "User"]
