"""The playground's public face: start and stop the server, be its people, see what they see."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.playground.changes import Changes
from bot.playground.client.deeds import Deeds
from bot.playground.clock import Clock, RealClock
from bot.playground.gateway import HEARTBEAT_INTERVAL, Gateway, LateHeartbeat
from bot.playground.identify_limits import IdentifyLimits
from bot.playground.interactions import Interaction, Interactions
from bot.playground.payloads import channel_json, guild_json, role_json
from bot.playground.posting import Posting
from bot.playground.rest.account_routes import AccountRoutes
from bot.playground.rest.buckets import Buckets
from bot.playground.rest.channel_routes import ChannelRoutes
from bot.playground.rest.command_routes import Commands
from bot.playground.rest.forum_posts import edited_tags
from bot.playground.rest.frame import API, Request, Rest
from bot.playground.rest.interaction_routes import InteractionRoutes
from bot.playground.rest.troubles import HANG_UP, Hold
from bot.playground.world import (
    FORUM_CHANNEL,
    MEMBER_PERMISSIONS,
    Channel,
    Edit,
    Guild,
    JsonObject,
    Message,
    Role,
    User,
    World,
)

HOST = "127.0.0.1"
REQUEST_BYTES = 26 * 1024 * 1024  # 25 MiB a request, and its form around them


class Playground(Deeds):
    """A Discord with one guild, one channel and one bot account, for as long as its ``async with`` lasts.

    ``port`` 0 takes a free one; ``message_limit`` requests in ``message_window`` seconds pass for each message route
    and channel or webhook; ``shards`` is what the bot is told to use. ``max_concurrency`` shards may log in every
    ``identify_seconds``: Discord's are 5, and with 0, as tests like it, nobody waits for another.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Clock | None = None,
        heartbeat_interval: float = HEARTBEAT_INTERVAL,
        message_limit: int = 5,
        message_window: float = 5.0,
        shards: int = 1,
        max_concurrency: int = 1,
        identify_seconds: float = 0.0,
    ) -> None:
        self.clock = clock or RealClock()
        self.world = World(self.clock)
        self.guild = self.world.add_guild("The playground")
        self.channel = self.world.add_channel("stories", guild=self.guild)
        self.buckets = Buckets(limit=message_limit, window=message_window)
        self.api_url = ""
        self.gateway_url = ""
        self.token = _new_token(self.world.application_id)
        self._port = port
        self._changes = Changes()
        limits = IdentifyLimits(max_concurrency=max_concurrency, seconds=identify_seconds)
        self._gateway = Gateway(
            self.world, self._changes, token=self.token, limits=limits, heartbeat_interval=heartbeat_interval
        )
        self._rest = Rest(token=self.token, clock=self.clock, changes=self._changes, buckets=self.buckets)
        self._posting = Posting(self.world, self._changes, self._gateway)
        self._commands = Commands(self.world, self._changes)
        self._interactions = Interactions(self.world, self._changes)
        super().__init__(self.channel, self._commands, self._interactions, self._posting, self._gateway)
        self._account = AccountRoutes(self.world, self._gateway)
        self._account.shards = shards
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=REQUEST_BYTES)
        self._add_routes(application.router)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_url = f"http://{HOST}:{port}{API}"
        self.gateway_url = self._gateway.url = f"ws://{HOST}:{port}/gateway"
        self._posting.files_url = f"http://{HOST}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._interactions.close()
        self._rest.troubles.release_all()
        await self._gateway.disconnect(code=1001, session_lost=True, ask=False)
        if self._runner is not None:
            await self._runner.cleanup()

    def _add_routes(self, router: web.UrlDispatcher) -> None:
        channels = ChannelRoutes(self.world, self._gateway, self._posting, self._changes)
        interactions = InteractionRoutes(self._interactions, self._posting)
        for group in (interactions, self._commands, channels, self._account):
            for route in group.routes():
                self._rest.add(router, route)
        router.add_get("/gateway", self._gateway.serve)
        router.add_get("/gateway/", self._gateway.serve)
        router.add_get("/attachments/{channel_id}/{attachment_id}/{filename}", self._download)
        self._rest.add_unknown(router)

    async def _download(self, request: web.Request) -> web.Response:
        for message in self.world.messages.values():
            for attachment in message.attachments:
                if str(attachment.id) == request.match_info["attachment_id"] and not message.deleted:
                    return web.Response(body=attachment.data, headers={"Content-Type": attachment.content_type})
        raise web.HTTPNotFound

    # What is here.

    @property
    def application_id(self) -> int:
        """The id of the bot and of its application."""
        return self.world.application_id

    @property
    def commands(self) -> list[JsonObject]:
        """What the bot has registered, as Discord's JSON, global commands first."""
        return self._commands.all()

    @property
    def requests(self) -> list[Request]:
        """Every REST request so far, refused ones too."""
        return self._rest.requests

    @property
    def unknown_routes(self) -> list[str]:
        """Requests that the playground has no route for; a test wants it empty."""
        return self._rest.unknown_routes

    @property
    def faults(self) -> list[BaseException]:
        """Errors of the playground itself; a test wants it empty."""
        return self._rest.faults

    @property
    def late_heartbeats(self) -> list[LateHeartbeat]:
        """Heartbeats that came more than a second after their time."""
        return self._gateway.late_heartbeats

    @property
    def gateway(self) -> Gateway:
        """The gateway: its sessions, presences, and how often the bot identified and resumed."""
        return self._gateway

    @property
    def interactions(self) -> list[Interaction]:
        """Every interaction so far."""
        return list(self._interactions.by_id.values())

    def add_user(
        self, name: str, *, permissions: int = MEMBER_PERMISSIONS, locale: str = "en-US", installed: bool = False
    ) -> User:
        """Make a new person, member of all guilds; ``permissions`` is Discord's bit set.

        ``locale`` is the language of their client; ``installed``: they have the app for themselves.
        """
        user = self.world.add_user(name, permissions=permissions)
        user.locale, user.installed = locale, installed
        return user

    def leave(self, user: User, guild: Guild | None = None) -> None:
        """Let somebody leave a guild. The bot is not told: that takes the privileged intent for members."""
        (guild or self.guild).left.add(user.id)
        self._changes.tell()

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Close a thread, as Discord does when nobody writes in it for a while."""
        thread.archived, thread.locked = True, locked
        self._changes.tell()

    def add_guild(self, name: str, *, installed: bool = True) -> Guild:
        """Make a new guild; where it has not ``installed`` the app, only users who have it themselves can use it."""
        guild = self.world.add_guild(name, installed=installed)
        if installed:
            self._gateway.dispatch("GUILD_CREATE", guild_json(self.world, guild), guild_id=guild.id, intent=1)
        return guild

    def add_role(self, name: str, *people: User, guild: Guild | None = None) -> Role:
        """Make a new role, in the default guild unless told otherwise, and give it to people."""
        home = guild or self.guild
        role = self.world.add_role(name, home)
        for person in people:
            person.roles.append(role)
        event = {"guild_id": str(home.id), "role": role_json(self.world, role, home)}
        self._gateway.dispatch("GUILD_ROLE_CREATE", event, guild_id=home.id, intent=1)
        return role

    def add_channel(self, name: str, *, guild: Guild | None = None) -> Channel:
        """Make a new text channel, in the default guild unless told otherwise."""
        channel = self.world.add_channel(name, guild=guild or self.guild)
        event = channel_json(self.world, channel)
        self._gateway.dispatch("CHANNEL_CREATE", event, guild_id=(guild or self.guild).id, intent=1)
        return channel

    def add_forum(self, name: str, *tags: str, needs_tag: bool = False, guild: Guild | None = None) -> Channel:
        """Make a new forum that offers these tags; ``needs_tag``: it takes no post without one."""
        forum = self.world.add_channel(name, kind=FORUM_CHANNEL, guild=guild or self.guild)
        forum.needs_tag = needs_tag
        forum.tags = edited_tags(forum, [{"name": tag} for tag in tags], self.world.ids.next)
        self._tell_channel("CHANNEL_CREATE", forum)
        return forum

    def allow_bot(self, channel: Channel, permissions: int) -> None:
        """Let the bot do this and nothing else in a channel, as somebody who runs the server would."""
        channel.app_permissions = permissions
        for thread in self.world.channels.values():
            if thread.parent is channel:
                thread.app_permissions = permissions
        self._tell_channel("CHANNEL_UPDATE", channel)

    def archive_thread(self, thread: Channel) -> None:
        """Let a thread be archived, as Discord does when nobody writes in it for long."""
        thread.archived = True
        self._tell_channel("THREAD_UPDATE", thread)

    def _tell_channel(self, event: str, channel: Channel) -> None:
        if channel.guild is not None:
            self._gateway.dispatch(event, channel_json(self.world, channel), guild_id=channel.guild.id, intent=1)

    def direct_channel(self, user: User) -> Channel:
        """Give the direct conversation of this person with the bot."""
        return self.world.direct_channel(user)

    def add_group(self, name: str, *people: User) -> Channel:
        """Make a conversation of people without the bot; only as an app of their own can they use it there."""
        return self.world.add_group(name, people)

    def messages(self, channel: Channel | None = None, *, viewer: User | None = None) -> list[Message]:
        """Give the messages of a channel as this person (None: anyone) sees them now, oldest first."""
        return self.world.messages_in(channel or self.channel, viewer)

    def edits(self, message: Message) -> list[Edit]:
        """Everything that the message has shown, with times; its first contents are the first."""
        return message.history

    def delete_message(self, message: Message) -> None:
        """Give a moderator deletes it."""
        self._posting.delete(message)

    def say(self, user: User, content: str, *, channel: Channel | None = None) -> Message:
        """Give a person writes an ordinary message."""
        message = self.world.add_message(channel or self.channel, user)
        message.content = content
        message.remember(self.clock.now())
        self._changes.tell()
        return message

    def pinned(self, channel: Channel | None = None) -> list[Message]:
        """Give the messages that are pinned in a channel, oldest first."""
        return [message for message in self.messages(channel) if message.pinned]

    def delete_channel(self, channel: Channel) -> None:
        """Give a moderator deletes a channel or a thread with all that is in it."""
        self._posting.delete_channel(channel)

    def rate_limit(self, *, count: int = 1, retry_after: float = 0.1, part: str = "", everywhere: bool = False) -> None:
        """Answer the next ``count`` requests with 429 whose ``METHOD /path`` contains ``part``.

        ``everywhere``: as the limit that holds for all requests of a bot together.
        """
        self.buckets.force(count=count, retry_after=retry_after, part=part, everywhere=everywhere)

    def hold(self, part: str) -> Hold:
        """Let requests whose ``METHOD /path`` contains ``part`` wait for an answer until the hold is released."""
        return self._rest.troubles.hold(part)

    def trouble(self, *, count: int = 1, status: int = HANG_UP, part: str = "") -> None:
        """Spoil the next ``count`` requests whose ``METHOD /path`` contains ``part``: a 500, or a broken connection."""
        self._rest.troubles.expect(count=count, status=status, part=part)

    async def until(self, look: Callable[[], Any], timeout: float | None = 10.0) -> Any:  # noqa: ANN401, ASYNC109 -- gives back what ``look`` gives; the caller says its patience
        """Give the first truthy answer of ``look``, tried now and after every change.

        Raises:
            TimeoutError: when ``timeout`` seconds pass first

        """
        return await self._changes.until(look, timeout)

    async def bot_ready(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109 -- the caller says its patience
        """Wait until every shard of the bot is connected and it has registered a command.

        Raises:
            TimeoutError: when ``timeout`` seconds pass first

        """
        await self.until(lambda: self._gateway.ready and self.commands, timeout)

    async def bot_gone(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109 -- the caller says its patience
        """Wait until no shard of the bot is connected; useful between the end of one process and the next.

        Raises:
            TimeoutError: when ``timeout`` seconds pass first

        """
        await self.until(lambda: self._gateway.deserted, timeout)

    async def disconnect_bot(self, *, code: int = 4000, session_lost: bool = False, ask: bool = False) -> None:
        """Close the bot's gateway connections with ``code``; or ``ask`` it to reconnect by itself (op 7).

        With ``session_lost`` it can't resume: it gets INVALID_SESSION and has to identify again.
        """
        await self._gateway.disconnect(code=code, session_lost=session_lost, ask=ask)

    def invalidate_sessions(self, *, resumable: bool) -> None:
        """Tell the bot that its sessions are invalid (op 9); ``resumable``: that it may resume them all the same."""
        self._gateway.invalidate(resumable=resumable)


def _new_token(application_id: int) -> str:
    """Give a token in the shape of Discord's, good for this playground only."""
    account = base64.b64encode(str(application_id).encode()).decode().rstrip("=")
    return f"{account}.{secrets.token_urlsafe(5)[:6]}.{secrets.token_urlsafe(29)[:38]}"
