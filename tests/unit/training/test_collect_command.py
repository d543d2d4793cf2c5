from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web

from tests.fakes.small_wiki import ROOT, SmallWiki
from tests.fakes.tiny_films import write_tiny_films
from training.collect.command import add_parser, run
from training.errors import TrainingError

PROGRAM = """
import argparse, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in a shell's background
from training.collect.command import add_parser, run
from training.errors import TrainingError
parser = argparse.ArgumentParser()
add_parser(parser.add_subparsers(dest="command"))
try:
    run(parser.parse_args())
except TrainingError as mistake:
    print(mistake, file=sys.stderr)
    sys.exit(2)
"""


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers(dest="command"))
    return parser.parse_args(["collect", *words])


def test_plots_from_a_file_are_collected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    films = write_tiny_films(tmp_path / "films.csv")
    run(parsed("plots", "--file", str(films), "--any-table", "--out", str(tmp_path / "out")))
    assert capsys.readouterr().out.endswith("wiki_movie_plots_deduped.csv is ready.\n")


def test_without_any_table_only_the_full_one_will_do(tmp_path: Path) -> None:
    films = write_tiny_films(tmp_path / "films.csv")
    with pytest.raises(TrainingError, match="of 81,193,310 bytes"):
        run(parsed("plots", "--file", str(films), "--out", str(tmp_path / "out")))


def comics_words(address: str, out: Path) -> list[str]:
    named = ["--api-url", address, "--category", ROOT, "--per-second", "10"]
    return ["comics", "--out", str(out), "--contact", "ada@example.org", *named]


async def test_comics_are_collected_from_the_wiki_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with SmallWiki(page_size=50).running() as address:
        await asyncio.to_thread(run, parsed(*comics_words(address, tmp_path)))
    shown = capsys.readouterr()
    assert "comics.jsonl is ready: " in shown.out
    assert "6 records" in shown.out
    assert "Fetching pages" in shown.err
    assert json.loads((tmp_path / "comics.provenance.json").read_text())["counts"]["records"] == 6


async def test_ctrl_c_ends_with_a_sentence_and_the_same_command_goes_on(tmp_path: Path) -> None:
    processes: list[asyncio.subprocess.Process] = []

    def interrupt() -> web.Response:
        processes[0].send_signal(signal.SIGINT)
        return web.Response(status=503, headers={"Retry-After": "600"})

    small = SmallWiki(page_size=50, faults={3: interrupt})
    async with small.running() as address:
        command = [sys.executable, "-c", PROGRAM, "collect", *comics_words(address, tmp_path)]
        processes.append(await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE))
        _, errors = await asyncio.wait_for(processes[0].communicate(), timeout=60)
        assert errors.decode().endswith("Stopped. The same command goes on from here.\n")
        assert processes[0].returncode == 2
        await asyncio.to_thread(run, parsed(*comics_words(address, tmp_path)))
    assert len([asked for asked in small.asked if "cmtitle" in asked]) == 2
    assert (tmp_path / "comics.jsonl").read_text(encoding="utf-8").count("\n") == 6


async def test_restart_forgets_an_unfinished_collection(tmp_path: Path) -> None:
    (tmp_path / "comics.state.json").write_text("damaged")
    async with SmallWiki(page_size=50).running() as address:
        with pytest.raises(TrainingError, match="begin anew"):
            await asyncio.to_thread(run, parsed(*comics_words(address, tmp_path)))
        await asyncio.to_thread(run, parsed(*comics_words(address, tmp_path), "--restart"))
    assert (tmp_path / "comics.jsonl").exists()


@pytest.mark.parametrize("rate", ["0", "-1", "11", "nan", "often"])
def test_a_rate_that_is_none_or_not_polite_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("comics", "--out", "x", "--contact", "a@b", "--per-second", rate)
    assert "--per-second" in capsys.readouterr().err


def test_comics_want_a_contact(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed("comics", "--out", "x")
    assert "--contact" in capsys.readouterr().err


def test_a_contact_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="Give --contact, an e-mail or web address"):
        run(parsed("comics", "--out", str(tmp_path), "--contact", "me"))


def test_reading_the_command_line_loads_nothing_heavy() -> None:
    script = "import sys, training.collect.command, training.collect.comics; print('aiohttp' in sys.modules)"
    script += "; print({'mwparserfromhell', 'kagglehub', 'torch'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    assert result.stdout == "False\nset()\n"
