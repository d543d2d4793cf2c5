"""429s, and what discord.py makes of them."""

from __future__ import annotations

import aiohttp
import pytest

from bot.playground import Playground
from bot.playground.rest.buckets import GLOBAL_PER_SECOND, Buckets
from tests.unit.playground.small_bot import Asked, SmallBot, running


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


def test_a_bucket_lets_five_through_in_five_seconds(hands: Hands) -> None:
    buckets = Buckets(now=hands)
    verdicts = [buckets.take("POST /messages", "channel 1") for _ in range(6)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 5 + [False]
    assert [verdict.headers["X-RateLimit-Remaining"] for verdict in verdicts] == ["4", "3", "2", "1", "0", "0"]
    assert verdicts[-1].retry_after == 5
    assert buckets.take("POST /messages", "channel 2").allowed
    hands.now += 4.9
    assert not buckets.take("POST /messages", "channel 1").allowed
    hands.now += 0.2
    assert buckets.take("POST /messages", "channel 1").allowed


def test_fifty_requests_a_second_pass_in_all(hands: Hands) -> None:
    buckets = Buckets(now=hands)
    assert [buckets.everywhere() for _ in range(GLOBAL_PER_SECOND)] == [None] * GLOBAL_PER_SECOND
    refused = buckets.everywhere()
    assert refused is not None
    assert (refused.everywhere, refused.retry_after) == (True, 1)
    hands.now += 1
    assert buckets.everywhere() is None


async def test_a_forced_429_makes_the_bot_wait_and_try_again(playground: Playground, bot: SmallBot) -> None:
    async def edit(asked: Asked) -> None:
        await asked.response.send_message("a")
        playground.rate_limit(count=2, retry_after=0.05, part="PATCH /api/v10/webhooks")
        await asked.edit_original_response(content="b")

    await bot.attempt(playground, edit)
    assert [r.status for r in playground.requests if r.method == "PATCH"] == [429, 429, 200]
    assert playground.messages()[0].content == "b"


async def test_a_bot_that_follows_the_headers_is_never_refused() -> None:
    async with Playground(message_limit=2, message_window=0.3) as playground, running(playground) as bot:

        async def write(asked: Asked) -> None:
            await asked.response.send_message("a")
            for number in range(4):
                await asked.client.get_partial_messageable(playground.channel.id).send(str(number))
                await asked.edit_original_response(content=str(number))

        await bot.attempt(playground, write)
        assert {request.status for request in playground.requests} <= {200, 204}


async def test_one_that_does_not_gets_the_whole_answer() -> None:
    async with Playground(message_limit=1) as playground, aiohttp.ClientSession() as session:
        url = f"{playground.api_url}/channels/{playground.channel.id}/messages"
        headers = {"Authorization": f"Bot {playground.token}"}
        async with session.post(url, json={"content": "a"}, headers=headers) as response:
            assert response.status == 200
            assert response.headers["X-RateLimit-Remaining"] == "0"
        async with session.post(url, json={"content": "b"}, headers=headers) as response:
            body = await response.json()
            assert response.status == 429
        assert response.headers["Retry-After"].isdigit()
        assert response.headers["X-RateLimit-Limit"] == "1"
        assert (body["global"], 0 < body["retry_after"] <= 5) == (False, True)
        assert len(playground.messages()) == 1


async def test_discord_has_a_bad_moment_where_a_test_asks_for_one(playground: Playground) -> None:
    playground.trouble(status=500, part="GET /api/v10/gateway")
    playground.trouble(count=2, part="GET /api/v10/gateway")  # aiohttp tries a GET once more by itself
    address, token = f"{playground.api_url}/gateway/bot", {"Authorization": f"Bot {playground.token}"}
    async with aiohttp.ClientSession(headers=token) as session:
        async with session.get(address) as answer:
            assert answer.status == 500
        with pytest.raises(aiohttp.ClientError):
            await session.get(address)
        async with session.get(address) as answer:
            assert answer.status == 200
