"""``storybot run | try | sync``: wires everything; mistakes at start become one sentence and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence

import discord

from bot.app import register_commands, run_bot
from bot.config import Config, load_config
from bot.errors import BotError, DatabaseDamaged
from bot.playground.demo import try_bot
from bot.playground.web.try_web import try_on_page
from storygen.errors import StorygenError

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h
EXIT_UNAVAILABLE = 69  # EX_UNAVAILABLE
EXIT_BROKEN = 74  # EX_IOERR: to be started again, and the start looks the database over

LARGEST_PORT = 65535

EXIT_INTERRUPTED = 130  # as shells report Ctrl-C

_UNKNOWN_TO_DISCORD = (
    "Discord does not know this DISCORD_TOKEN. Copy it anew: https://discord.com/developers/applications, "
    "your application, Bot, Reset Token."
)
_NEVER_VERBOSE = ("discord", "aiosqlite")
"""Their debug lines hold what people typed, so they say no more than INFO whatever the level."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        return _try(parsed.web) if parsed.command == "try" else _run(parsed.command)
    except BotError as error:
        broke = isinstance(error, DatabaseDamaged) and error.in_use
        return _fail(str(error), EXIT_BROKEN if broke else EXIT_CONFIG)
    except StorygenError as error:
        return _fail(f"The model can't be used. {error}", EXIT_CONFIG)
    except discord.LoginFailure:
        return _fail(_UNKNOWN_TO_DISCORD, EXIT_CONFIG)
    except (discord.HTTPException, discord.GatewayNotFound, OSError) as error:
        return _fail(f"Discord can't be reached: {error}", EXIT_UNAVAILABLE)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _try(port: int | None) -> int:
    if port is not None:
        return asyncio.run(try_on_page(port=port, env=os.environ))
    return asyncio.run(try_bot(interactive=sys.stdin.isatty() and sys.stdout.isatty(), env=os.environ))


def _run(command: str) -> int:
    config = load_config()
    _set_up_logging(config)
    asyncio.run(register_commands(config) if command == "sync" else run_bot(config))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="storybot", description="A Discord bot that writes genre stories.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run the bot on Discord (needs DISCORD_TOKEN in .env)")
    trying = commands.add_parser("try", help="try the bot here, on a small Discord of its own, without a token")
    trying.add_argument(
        "--web",
        nargs="?",
        type=_port,
        const=0,
        metavar="PORT",
        help="on a page of the browser, at a free port",
    )
    commands.add_parser("sync", help="register the commands with Discord now, whether or not they changed")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number up to {LARGEST_PORT}, not {text}")
    return int(text)


def _set_up_logging(config: Config) -> None:
    level = logging.getLevelNamesMapping()[config.log_level]
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", stream=sys.stderr)
    for name in _NEVER_VERBOSE:
        logging.getLogger(name).setLevel(max(level, logging.INFO))


def _fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
