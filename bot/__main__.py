"""The command line, ``storybot``: wires everything; mistakes at start become one sentence and an exit code."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import discord

from bot.config import Config, load_config
from bot.errors import BotError, DatabaseDamaged, ShardTaken
from bot.logs import set_up_logging
from bot.run import register_commands, run_bot
from storygen.errors import StorygenError

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h
EXIT_UNAVAILABLE = 69  # EX_UNAVAILABLE
EXIT_BROKEN = 74  # EX_IOERR: to be started again, and the start looks the database over

LARGEST_PORT = 65535

EXIT_INTERRUPTED = 130  # as shells report Ctrl-C

SHARDING_REQUIRED = 4011  # topics/opcodes-and-status-codes, gateway close event codes

_TOO_FEW_SHARDS = "The bot is on so many servers that Discord wants more shards."

_UNKNOWN_TO_DISCORD = (
    "Discord does not know this DISCORD_TOKEN. Copy it anew: https://discord.com/developers/applications, "
    "your application, Bot, Reset Token."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit code."""
    parsed = _parser().parse_args(arguments)
    try:
        return _do(parsed)
    except BotError as error:
        return _fail(str(error), _exit_code(error))
    except StorygenError as error:
        return _fail(f"The model can't be used. {error}", EXIT_CONFIG)
    except discord.LoginFailure:
        return _fail(_UNKNOWN_TO_DISCORD, EXIT_CONFIG)
    except (discord.HTTPException, discord.GatewayNotFound, OSError) as error:
        return _fail(f"Discord can't be reached: {error}", EXIT_UNAVAILABLE)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _do(parsed: argparse.Namespace) -> int:
    """Do what was typed. Each command imports what it needs by itself, so that ``run`` is not kept waiting for it."""
    if parsed.command == "try":
        return _try(parsed.web)
    if parsed.command in {"run", "sync"}:
        return _run(parsed.command)
    if parsed.command == "doctor":
        from bot.hosting.commands import doctor

        return doctor()
    return _on_the_database(parsed)


def _on_the_database(parsed: argparse.Namespace) -> int:
    from bot.hosting import commands

    config = load_config()
    set_up_logging(config)
    match parsed.command:
        case "backup":
            return commands.backup(config, parsed.file)
        case "restore":
            return commands.bring_back(config, parsed.file)
        case "purge-user":
            return commands.purge_user(config, parsed.user_id, words_too=parsed.words_too, sure=parsed.yes)
        case _:
            return commands.stats(config)


def _exit_code(error: BotError) -> int:
    """Say whether a supervisor may try again: where a shard is taken, perhaps the process before is still ending."""
    if isinstance(error, ShardTaken):
        return EXIT_UNAVAILABLE
    return EXIT_BROKEN if isinstance(error, DatabaseDamaged) and error.in_use else EXIT_CONFIG


def _try(port: int | None) -> int:
    from bot.playground.demo import try_bot
    from bot.playground.web.try_web import try_on_page

    if port is not None:
        return asyncio.run(try_on_page(port=port, env=os.environ))
    return asyncio.run(try_bot(interactive=sys.stdin.isatty() and sys.stdout.isatty(), env=os.environ))


def _run(command: str) -> int:
    config = load_config()
    set_up_logging(config)
    try:
        asyncio.run(register_commands(config) if command == "sync" else run_bot(config))
    except discord.ConnectionClosed as closed:
        return _fail(*_when_closed(closed.code, config))
    return 0


def _when_closed(code: int, config: Config) -> tuple[str, int]:
    """Say why Discord wants this process no more, and whether starting it again helps."""
    if code != SHARDING_REQUIRED:
        return f"Discord ended the connection with code {code}. Start the bot again.", EXIT_UNAVAILABLE
    if config.shard_count:
        return f"{_TOO_FEW_SHARDS} Make SHARD_COUNT={config.shard_count} larger.", EXIT_CONFIG
    return f"{_TOO_FEW_SHARDS} Start the bot again: it asks Discord how many there should be.", EXIT_UNAVAILABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="storybot", description="A Discord bot that writes genre stories.")
    known = parser.add_subparsers(dest="command", required=True)
    known.add_parser("run", help="run the bot on Discord (needs DISCORD_TOKEN in .env)")
    trying = known.add_parser("try", help="try the bot here, on a small Discord of its own, without a token")
    trying.add_argument(
        "--web",
        nargs="?",
        type=_port,
        const=0,
        metavar="PORT",
        help="on a page of the browser, at a free port",
    )
    known.add_parser("sync", help="register the commands with Discord now, whether or not they changed")
    known.add_parser("doctor", help="look everything over, and say what to mend; 1 where something is wrong")
    known.add_parser("stats", help="count what is in the database")
    for name, meaning in (
        ("backup", "copy the database into a new file, also while the bot runs"),
        ("restore", "put a copy in the database's place, while the bot does not run; the old one is kept"),
    ):
        known.add_parser(name, help=meaning).add_argument("file", type=Path, metavar="FILE")
    _add_purge(known.add_parser("purge-user", help="delete everything of a person, as /privacy delete does"))
    return parser


def _add_purge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user_id", type=_person, metavar="ID", help="the person's number on Discord")
    parser.add_argument("--words-too", action="store_true", help="also what they typed in other people's stories")
    parser.add_argument("--yes", action="store_true", help="without a question")


def _person(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 2**63):
        raise argparse.ArgumentTypeError(
            "Discord's numbers of people are long whole numbers: right-click, Copy User ID"
        )
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number up to {LARGEST_PORT}, not {text}")
    return int(text)


def _fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
