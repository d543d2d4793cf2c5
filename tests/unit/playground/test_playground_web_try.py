"""``storybot try --web``, with a process that stands in for the bot."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from bot.__main__ import main
from bot.playground.web.try_web import try_on_page

ENDS = (sys.executable, "-c", "print('no token'); raise SystemExit(78)")
STAYS = (sys.executable, "-c", "import time; time.sleep(60)")


async def test_a_bot_that_ends_is_told_with_the_end_of_its_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert await try_on_page(env=dict(os.environ), command=ENDS) == 1
    shown = capsys.readouterr().out
    assert "http://127.0.0.1:" in shown
    assert "no token" in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_who_asks_it_to_stop_gets_a_clean_end(number: int) -> None:
    asyncio.get_running_loop().call_later(0.5, os.kill, os.getpid(), number)
    assert await try_on_page(env=dict(os.environ), command=STAYS) == 0


def test_a_port_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["try", "--web", "70000"])
    assert "a port is a number up to 65535, not 70000" in capsys.readouterr().err
