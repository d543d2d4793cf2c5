"""The gateway, v10: sessions that are identified, kept alive, dropped and resumed, and events to them in order."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
import zlib
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from bot.playground.changes import Changes
from bot.playground.identify_limits import IdentifyLimits
from bot.playground.payloads import guild_json, user_json
from bot.playground.world import Guild, JsonObject, World

log = logging.getLogger(__name__)

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE_STATE, RESUME = 0, 1, 2, 3, 4, 6
RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 7, 8, 9, 10, 11

AUTHENTICATION_FAILED, NOT_AUTHENTICATED, DECODE_ERROR, UNKNOWN_OPCODE = 4004, 4003, 4002, 4001
ALREADY_AUTHENTICATED, INVALID_SHARD, SHARDING_REQUIRED, DISALLOWED_INTENTS = 4005, 4010, 4011, 4014

GUILDS_INTENT, GUILD_MESSAGES_INTENT, DIRECT_MESSAGES_INTENT = 1 << 0, 1 << 9, 1 << 12
PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content

HEARTBEAT_INTERVAL = 41.25  # seconds
GUILDS_PER_SHARD = 2500  # events/gateway, "Sharding for Large Bots"
PORTION = 50  # guilds that are announced without a break
CLOSE_SECONDS = 1.0  # how long a bot may take to read what is left and to say goodbye
# Discord is never nearer. discord.py notes when it sent a heartbeat only after it was sent, and takes an answer that
# comes before that for one to the heartbeat before: 41 s late.
ROUND_TRIP_SECONDS = 0.05
# A heartbeat counts as late when it comes this much after its time: the bot's event loop or process stood still.
LATE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LateHeartbeat:
    """A heartbeat that came ``seconds`` after its time."""

    shard: int
    seconds: float


class Connection:
    """One websocket: compresses and sends in order, without letting anyone wait for a slow reader."""

    def __init__(self, socket: web.WebSocketResponse, *, compress: bool) -> None:
        self.socket = socket
        self._compressor = zlib.compressobj() if compress else None
        self._outgoing: asyncio.Queue[str | None] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())

    def send(self, payload: JsonObject) -> None:
        """Send after everything that was sent before."""
        self._outgoing.put_nowait(json.dumps(payload))

    async def close(self, code: int) -> None:
        """Send what waits, then close."""
        await self.finish()
        await self.socket.close(code=code, message=b"")

    async def finish(self) -> None:
        """Send what waits, unless nobody reads it any more, then send no more."""
        self._outgoing.put_nowait(None)
        await asyncio.wait({self._writer}, timeout=CLOSE_SECONDS)
        self._writer.cancel()

    async def _write(self) -> None:
        while (text := await self._outgoing.get()) is not None:
            try:
                await self._send(text)
            except ConnectionError:  # the bot is gone; the session keeps the events for a resume
                return

    async def _send(self, text: str) -> None:
        if self._compressor is None:
            await self.socket.send_str(text)
            return
        data = self._compressor.compress(text.encode()) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
        await self.socket.send_bytes(data)


class Session:
    """What a bot's shard is to Discord; it outlives a lost connection and replays what was missed."""

    def __init__(self, shard: int, shards: int, intents: int) -> None:
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.shards = shards
        self.intents = intents
        self.connection: Connection | None = None
        self._sequence = 0
        self._sent: list[JsonObject] = []

    def dispatch(self, event: str, data: object) -> None:
        """Send an event now, or when the bot resumes."""
        self._sequence += 1
        payload: JsonObject = {"op": DISPATCH, "t": event, "s": self._sequence, "d": data}
        self._sent.append(payload)
        if self.connection is not None:
            self.connection.send(payload)

    def knows(self, sequence: int) -> bool:
        """Whether it can go on after this sequence number."""
        return 0 <= sequence <= self._sequence

    def resume(self, connection: Connection, sequence: int) -> None:
        """Take a new connection and send it everything after ``sequence``."""
        for payload in self._sent[sequence:]:
            connection.send(payload)
        self.connection = connection
        self.dispatch("RESUMED", {})


class Gateway:
    """All sessions of the one bot."""

    def __init__(
        self,
        world: World,
        changes: Changes,
        *,
        token: str,
        limits: IdentifyLimits,
        heartbeat_interval: float = HEARTBEAT_INTERVAL,
    ) -> None:
        self.limits = limits
        self.sessions: dict[str, Session] = {}
        self.late_heartbeats: list[LateHeartbeat] = []
        self.presences: list[JsonObject] = []
        self.identifies = 0
        self.resumes = 0
        self.url = ""
        self.monotonic = time.monotonic
        self.silent = False
        """Heartbeats are not answered, as on a connection that is dead without either side knowing."""
        self.unwelcoming = 0
        """So many of the next sessions get no READY."""
        self._world = world
        self._changes = changes
        self._token = token
        self._interval = heartbeat_interval

    @property
    def ready(self) -> bool:
        """Every shard of the bot is connected and has been told so."""
        open_shards = {session.shard for session in self.sessions.values() if session.connection is not None}
        wanted = {session.shards for session in self.sessions.values()}
        return bool(wanted) and open_shards == set(range(max(wanted)))

    @property
    def deserted(self) -> bool:
        """No shard of the bot is connected."""
        return all(session.connection is None for session in self.sessions.values())

    def dispatch(self, event: str, data: object, *, guild_id: int | None, intent: int = 0) -> bool:
        """Send an event to the shard of its guild (shard 0 for direct messages); whether anyone is there."""
        found = False
        for session in self.sessions.values():
            shard = 0 if guild_id is None else (guild_id >> 22) % session.shards
            if session.shard == shard and (not intent or session.intents & intent):
                session.dispatch(event, data)
                found = True
        return found

    async def disconnect(self, *, code: int, session_lost: bool, ask: bool) -> None:
        """Drop all connections, or ask the bot to reconnect; ``session_lost`` forgets the sessions as well."""
        for session in list(self.sessions.values()):
            connection, session.connection = session.connection, None
            if session_lost:
                self.sessions.pop(session.id, None)
            if connection is None:
                continue
            if ask:
                connection.send({"op": RECONNECT, "d": None})
            else:
                await connection.close(code)
        self._changes.tell()

    def invalidate(self, *, resumable: bool) -> None:
        """Send INVALID_SESSION to all connections; a bot has to close them and come again."""
        for session in list(self.sessions.values()):
            connection, session.connection = session.connection, None
            if not resumable:
                self.sessions.pop(session.id, None)
            if connection is not None:
                connection.send({"op": INVALID_SESSION, "s": None, "t": None, "d": resumable})
        self._changes.tell()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One websocket from its opening to its end."""
        socket = web.WebSocketResponse(max_msg_size=0, compress=False, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        # A bot that asks for zstd-stream gets plain text, which every library reads as well.
        connection = Connection(socket, compress=request.query.get("compress") == "zlib-stream")
        connection.send({"op": HELLO, "s": None, "t": None, "d": {"heartbeat_interval": int(self._interval * 1000)}})
        visit = _Visit(self, connection, self._interval)
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT or not await visit.received(message.data):
                    break
        finally:
            await self._left(visit.session, connection)
        return socket

    async def _left(self, session: Session | None, connection: Connection) -> None:
        await connection.finish()
        if session is not None and session.connection is connection:
            session.connection = None
            if connection.socket.close_code in (1000, 1001):  # the bot said goodbye: nothing to resume
                self.sessions.pop(session.id, None)
        self._changes.tell()

    def identify(self, connection: Connection, data: JsonObject) -> Session | int | None:
        """Make a new session with READY and its guilds sent; a code to close with; or None when it is too soon."""
        self.identifies += 1
        if data.get("token") != self._token:
            return AUTHENTICATION_FAILED
        intents = data.get("intents", 0)
        if intents & PRIVILEGED_INTENTS:
            return DISALLOWED_INTENTS
        shard, shards = data.get("shard") or (0, 1)
        if not 0 <= shard < shards:
            return INVALID_SHARD
        if len(self._guilds_of(shard, shards)) > GUILDS_PER_SHARD:
            return SHARDING_REQUIRED
        if not self.limits.admit(shard):
            return None
        self._forget_gone(shard)
        session = Session(shard, shards, intents)
        session.connection = connection
        self.sessions[session.id] = session
        if self.unwelcoming:
            self.unwelcoming -= 1
        else:
            self._welcome(session)
        self._changes.tell()
        return session

    def _forget_gone(self, shard: int) -> None:
        # A bot that starts anew does not resume what it had before.
        for session in list(self.sessions.values()):
            if session.shard == shard and session.connection is None:
                del self.sessions[session.id]

    def _guilds_of(self, shard: int, shards: int) -> list[Guild]:
        installed = (guild for guild in self._world.guilds.values() if guild.installed)
        return [guild for guild in installed if (guild.id >> 22) % shards == shard]

    def _welcome(self, session: Session) -> None:
        guilds = self._guilds_of(session.shard, session.shards)
        ready = {
            "v": 10,
            "user": user_json(self._world.bot) | {"verified": True, "mfa_enabled": True, "email": None},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "shard": [session.shard, session.shards],
            "application": {"id": str(self._world.application_id), "flags": 0},
            "private_channels": [],
            "relationships": [],
        }
        session.dispatch("READY", ready)
        if session.intents & GUILDS_INTENT:
            self._announce(session, guilds)

    def _announce(self, session: Session, guilds: list[Guild]) -> None:
        """Send the guilds of a new session, in portions, between which others have their turn."""
        for guild in guilds[:PORTION]:
            session.dispatch("GUILD_CREATE", guild_json(self._world, guild))
        if left := guilds[PORTION:]:
            asyncio.get_running_loop().call_soon(self._announce, session, left)

    def resume(self, connection: Connection, data: JsonObject) -> Session | int | None:
        """Give the session that goes on; a code to close with; or None when it can't be resumed."""
        if data.get("token") != self._token:
            return AUTHENTICATION_FAILED
        session = self.sessions.get(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int) or not session.knows(sequence):
            return None
        self.resumes += 1
        session.resume(connection, sequence)
        self._changes.tell()
        return session


class _Visit:
    """What has happened on one websocket so far."""

    def __init__(self, gateway: Gateway, connection: Connection, interval: float) -> None:
        self.session: Session | None = None
        self._gateway = gateway
        self._connection = connection
        self._interval = interval
        self._last_heartbeat: float | None = None

    async def received(self, text: str) -> bool:
        """Handle one message of the bot; false when the connection has been closed over it."""
        try:
            payload = json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError, AttributeError):
            return await self._close(DECODE_ERROR)
        return await self._handle(op, data)

    async def _handle(self, op: object, data: Any) -> bool:  # noqa: ANN401 -- any JSON value
        if op == HEARTBEAT:
            self._heartbeat()
        elif op in (IDENTIFY, RESUME):
            return await self._enter(op == RESUME, data)
        elif self.session is None:
            return await self._close(NOT_AUTHENTICATED)
        elif op == PRESENCE:
            self._gateway.presences.append(data)
        elif op not in (VOICE_STATE, REQUEST_MEMBERS):
            return await self._close(UNKNOWN_OPCODE)
        return True

    def _heartbeat(self) -> None:
        now = self._gateway.monotonic()
        if self._last_heartbeat is not None:
            late = now - self._last_heartbeat - self._interval
            if late > LATE_SECONDS:
                shard = self.session.shard if self.session else 0
                self._gateway.late_heartbeats.append(LateHeartbeat(shard=shard, seconds=late))
        self._last_heartbeat = now
        if self._gateway.silent:
            return
        answer: JsonObject = {"op": HEARTBEAT_ACK, "s": None, "t": None, "d": None}
        asyncio.get_running_loop().call_later(ROUND_TRIP_SECONDS, self._connection.send, answer)

    async def _enter(self, resuming: bool, data: JsonObject) -> bool:
        if self.session is not None:
            return await self._close(ALREADY_AUTHENTICATED)
        enter = self._gateway.resume if resuming else self._gateway.identify
        outcome = enter(self._connection, data)
        if isinstance(outcome, int):
            return await self._close(outcome)
        if outcome is None:
            self._connection.send({"op": INVALID_SESSION, "s": None, "t": None, "d": False})
            return True
        self.session = outcome
        return True

    async def _close(self, code: int) -> bool:
        await self._connection.close(code)
        return False
