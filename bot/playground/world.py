"""Who and what there is: users, guilds, channels, messages, and their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.playground.clock import Clock

JsonObject = dict[str, Any]

# 2015-01-01 in milliseconds, where Discord's ids begin.
DISCORD_EPOCH = 1_420_070_400_000

TEXT_CHANNEL, DIRECT_CHANNEL, GROUP_CHANNEL, PUBLIC_THREAD, PRIVATE_THREAD, FORUM_CHANNEL = 0, 1, 3, 11, 12, 15
THREADS = (PUBLIC_THREAD, PRIVATE_THREAD)

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15

VIEW_CHANNEL, SEND_MESSAGES, ADMINISTRATOR, MANAGE_GUILD = 1 << 10, 1 << 11, 1 << 3, 1 << 5
CREATE_PUBLIC_THREADS, SEND_IN_THREADS, USE_EXTERNAL_APPS = 1 << 35, 1 << 38, 1 << 50
MANAGE_CHANNELS, MANAGE_THREADS, PIN_MESSAGES = 1 << 4, 1 << 34, 1 << 51
EMBED_LINKS, ATTACH_FILES, MENTION_EVERYONE, USE_EXTERNAL_EMOJIS = 1 << 14, 1 << 15, 1 << 17, 1 << 18
# View, send, embed links, attach files, read history, reactions, external emoji, slash commands, threads, apps.
MEMBER_PERMISSIONS = (
    VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | 1 << 16 | 1 << 6 | USE_EXTERNAL_EMOJIS | 1 << 31
    | CREATE_PUBLIC_THREADS | SEND_IN_THREADS | USE_EXTERNAL_APPS
)  # fmt: skip
MANAGER_PERMISSIONS = MEMBER_PERMISSIONS | MANAGE_GUILD
# What an app may where its bot is not: interactions/receiving-and-responding, app_permissions.
VISITOR_PERMISSIONS = EMBED_LINKS | ATTACH_FILES | MENTION_EVERYONE


class Snowflakes:
    """Makes ids as Discord does: milliseconds since 2015 above 22 bits, unique and growing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Make a new id, larger than every one before."""
        milliseconds = int(self._clock.now() * 1000) - DISCORD_EPOCH
        self._last = max(milliseconds << 22, self._last + 1)
        return self._last

    def next_millisecond(self) -> int:
        """Make a new id in a millisecond of its own, so that guilds made in a row fall on different shards."""
        self._last = ((self._last >> 22) + 1) << 22
        return self.next()


@dataclass(eq=False, slots=True, kw_only=True)
class Role:
    """A role of a server. Everybody in it has the one whose id is the server's."""

    id: int
    name: str


@dataclass(eq=False, slots=True, kw_only=True)
class User:
    """A person, or the bot; ``installed``: has the app for themselves, and so everywhere."""

    id: int
    name: str
    bot: bool = False
    permissions: int = MEMBER_PERMISSIONS
    locale: str = "en-US"
    installed: bool = False
    roles: list[Role] = field(default_factory=list)


@dataclass(eq=False, slots=True, kw_only=True)
class Guild:
    """A server; ``installed`` is false where only its users have the app."""

    id: int
    name: str
    owner_id: int
    installed: bool = True
    roles: list[Role] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    """Who was a member and is none any more."""


@dataclass(eq=False, slots=True, kw_only=True)
class Channel:
    """Where messages are: a text channel, a thread, a direct conversation with the bot, or a group without it.

    A forum has no messages but posts, which are threads; ``tags`` are those that it offers, as Discord's JSON, and
    ``applied`` the ids of those that a post has.
    """

    id: int
    name: str
    kind: int
    guild: Guild | None = None
    recipient: User | None = None
    parent: Channel | None = None
    people: list[User] = field(default_factory=list)
    app_permissions: int = MEMBER_PERMISSIONS
    tags: list[JsonObject] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    needs_tag: bool = False
    archived: bool = False
    """Of a thread: nothing in it can be changed until it is opened again, as a new message does."""
    locked: bool = False
    """Of a thread: only those who manage threads can open it again."""
    deleted: bool = False

    @property
    def has_bot(self) -> bool:
        """Whether the bot itself is here, not only people who have the app."""
        return self.kind != GROUP_CHANNEL if self.guild is None else self.guild.installed


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that the bot sent, kept in memory."""

    id: int
    filename: str
    content_type: str
    data: bytes
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What a message showed from ``at`` (seconds since 1970) on."""

    at: float
    content: str
    embeds: Sequence[JsonObject]
    components: Sequence[JsonObject]


@dataclass(eq=False, slots=True, kw_only=True)
class Message:
    """A message as it is now; embeds and components are Discord's JSON."""

    id: int
    channel: Channel
    author: User
    created: float
    content: str = ""
    embeds: list[JsonObject] = field(default_factory=list)
    components: list[JsonObject] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    edited: float | None = None
    deleted: bool = False
    viewer: User | None = None
    asked: JsonObject | None = None
    reply_to: int | None = None
    mentions: list[User] = field(default_factory=list)
    mention_everyone: bool = False
    reactions: dict[str, set[int]] = field(default_factory=dict)
    pinned: float | None = None
    history: list[Edit] = field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        """Only the person who asked can see it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Still "is thinking…"."""
        return bool(self.flags & LOADING)

    def seen_by(self, viewer: User | None) -> bool:
        """Whether this person, or anyone when None, sees it now."""
        return not self.deleted and (self.viewer is None or self.viewer is viewer)

    def remember(self, at: float) -> None:
        """Add what it shows now to its history."""
        self.history.append(
            Edit(at=at, content=self.content, embeds=tuple(self.embeds), components=tuple(self.components))
        )


class World:
    """Everything there is, by id."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ids = Snowflakes(clock)
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self._of_guilds: dict[int, list[Channel]] = {}
        self.messages: dict[int, Message] = {}
        self.bot = self.add_user("Storyteller", bot=True)
        self.portal: JsonObject = {}
        """Fields of the application that its owner has changed in the developer portal."""

    @property
    def application_id(self) -> int:
        """The id of the bot's application; Discord gives new bots the same id."""
        return self.bot.id

    def add_user(self, name: str, *, bot: bool = False, permissions: int = MEMBER_PERMISSIONS) -> User:
        """Make a new person, member of every guild."""
        user = User(id=self.ids.next(), name=name, bot=bot, permissions=permissions)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, installed: bool = True) -> Guild:
        """Make a new server."""
        owner_id = self.ids.next()  # somebody who is never met; the bot itself would be allowed everything
        guild = Guild(id=self.ids.next_millisecond(), name=name, owner_id=owner_id, installed=installed)
        guild.roles.append(Role(id=guild.id, name="@everyone"))
        self.guilds[guild.id] = guild
        return guild

    def add_role(self, name: str, guild: Guild) -> Role:
        """Make a new role of a server."""
        role = Role(id=self.ids.next(), name=name)
        guild.roles.append(role)
        return role

    def add_channel(
        self,
        name: str,
        *,
        kind: int = TEXT_CHANNEL,
        guild: Guild | None = None,
        recipient: User | None = None,
        parent: Channel | None = None,
        channel_id: int | None = None,
    ) -> Channel:
        """Make a new channel; a thread started on a message takes that message's id."""
        channel = Channel(
            id=channel_id or self.ids.next(), name=name, kind=kind, guild=guild, recipient=recipient, parent=parent
        )
        if not channel.has_bot:
            channel.app_permissions = VISITOR_PERMISSIONS
        self.channels[channel.id] = channel
        if guild is not None:
            self._of_guilds.setdefault(guild.id, []).append(channel)
        return channel

    def direct_channel(self, user: User) -> Channel:
        """Give the one conversation between the bot and this person."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        return self.add_channel(user.name, kind=DIRECT_CHANNEL, recipient=user)

    def add_group(self, name: str, people: Sequence[User]) -> Channel:
        """Make a conversation of several people, in which the bot is not."""
        channel = self.add_channel(name, kind=GROUP_CHANNEL)
        channel.people = list(people)
        channel.app_permissions = VISITOR_PERMISSIONS
        return channel

    def add_message(
        self,
        channel: Channel,
        author: User,
        *,
        viewer: User | None = None,
        asked: JsonObject | None = None,
        message_id: int | None = None,
    ) -> Message:
        """Make a new message with nothing in it yet."""
        number, now = message_id or self.ids.next(), self.clock.now()
        message = Message(id=number, channel=channel, author=author, created=now, viewer=viewer, asked=asked)
        self.messages[message.id] = message
        return message

    def messages_in(self, channel: Channel, viewer: User | None) -> list[Message]:
        """Give what this person sees in a channel, oldest first."""
        return [m for m in self.messages.values() if m.channel is channel and m.seen_by(viewer)]

    def channels_of(self, guild: Guild) -> list[Channel]:
        """Give a guild's channels, threads included."""
        return list(self._of_guilds.get(guild.id, ()))

    def names(self) -> dict[int, str]:
        """Give the names of all that a text may mention, by id."""
        named: list[User | Channel | Role] = [*self.users.values(), *self.channels.values()]
        named += [role for guild in self.guilds.values() for role in guild.roles]
        return {each.id: each.name for each in named}

    def remove_channel(self, channel: Channel) -> None:
        """Take a channel away with all that was said in it, and with its threads."""
        channel.deleted = True
        del self.channels[channel.id]
        if channel.guild is not None:
            self._of_guilds[channel.guild.id].remove(channel)
        for message in self.messages.values():
            message.deleted = message.deleted or message.channel is channel
        for thread in [thread for thread in self.channels.values() if thread.parent is channel]:
            self.remove_channel(thread)

    def people(self) -> Mapping[str, User]:
        """Give the persons by name, the bot not among them."""
        return {user.name: user for user in self.users.values() if not user.bot}
