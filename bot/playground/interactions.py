"""What a person set off by a command, a button or a form, and how the bot answered: records and their rules in time."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from bot.playground.changes import Changes
from bot.playground.clock import Clock
from bot.playground.refusals import ApiError
from bot.playground.world import Channel, JsonObject, Message, User, World

ACKNOWLEDGE_SECONDS = 3.0  # interactions/receiving-and-responding
TOKEN_SECONDS = 15 * 60.0  # likewise
USER_INSTALL_FOLLOWUPS = 5  # likewise: only where the bot itself is not


class Kind(IntEnum):
    """What an interaction comes from, with Discord's numbers."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Interaction:
    """One interaction, as the person sees it, changing while the bot answers."""

    def __init__(
        self,
        *,
        interaction_id: int,
        kind: Kind,
        user: User,
        channel: Channel,
        data: JsonObject,
        source: Message | None,
        clock: Clock,
        changes: Changes,
    ) -> None:
        self.id = interaction_id
        self.token = secrets.token_urlsafe(120)
        self.kind = kind
        self.user = user
        self.channel = channel
        self.data = data
        self.source = source
        self.trigger: Interaction | None = None
        """The interaction that opened the form, for one that sends it."""
        self.target: Message | User | None = None
        """Whose menu the command was chosen from."""
        self.created = clock.now()
        self.acknowledged_after: float | None = None
        self.failed: str | None = None
        self.original: Message | None = None
        self.followups: list[Message] = []
        self.modal: JsonObject | None = None
        self.choices: list[JsonObject] | None = None
        self._clock = clock
        self._changes = changes
        self._timer = clock.call_later(ACKNOWLEDGE_SECONDS, self._give_up)

    @property
    def message(self) -> Message | None:
        """The original answer as it is shown now; None before it, while "is thinking…", and once deleted."""
        original = self.original
        return None if original is None or original.deleted or original.loading else original

    @property
    def thinking(self) -> bool:
        """The bot has acknowledged and Discord shows "is thinking…"."""
        return self.original is not None and self.original.loading and not self.original.deleted

    async def until(self, look: Callable[[Interaction], Any], timeout: float = 10.0) -> Any:  # noqa: ANN401, ASYNC109 -- gives back what ``look`` gives; the caller says its patience
        """Give the first truthy answer of ``look``, tried now and after every change in the playground.

        Raises:
            TimeoutError: when ``timeout`` seconds pass first

        """
        return await self._changes.until(lambda: look(self), timeout)

    async def acknowledged(self, timeout: float = 10.0) -> float:  # noqa: ASYNC109 -- the caller says its patience
        """Wait for the bot's first response; the seconds that it took.

        Raises:
            TimeoutError: when ``timeout`` seconds pass first, or Discord gave up on the bot

        """
        await self.until(lambda shown: shown.acknowledged_after is not None or shown.failed, timeout)
        if self.acknowledged_after is None:
            raise TimeoutError(self.failed)
        return self.acknowledged_after

    def check_may_answer(self) -> None:
        """Whether a first response is still allowed.

        Raises:
            ApiError: 10062 after 3 seconds, 40060 when it was answered already

        """
        if self.acknowledged_after is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if self._clock.now() - self.created >= ACKNOWLEDGE_SECONDS:
            self._give_up()
            raise ApiError(404, 10062, "Unknown interaction")

    def acknowledge(self) -> None:
        """Note that the first response has come."""
        self._timer.cancel()
        self.acknowledged_after = self._clock.now() - self.created
        self._changes.tell()

    def check_token(self) -> None:
        """Whether follow-ups and edits are allowed now.

        Raises:
            ApiError: 10015 before the first response, 50027 after 15 minutes

        """
        if self._clock.now() - self.created >= TOKEN_SECONDS:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if self.acknowledged_after is None:
            raise ApiError(404, 10015, "Unknown Webhook")

    def check_followup(self) -> None:
        """Whether one more follow-up is allowed.

        Raises:
            ApiError: 40094 on the sixth where only the user has installed the app

        """
        if not self.channel.has_bot and len(self.followups) >= USER_INSTALL_FOLLOWUPS:
            raise ApiError(400, 40094, "Interaction has reached the maximum number of follow up messages")

    def close(self) -> None:
        """Nobody waits for an answer any more."""
        self._timer.cancel()

    def _give_up(self) -> None:
        if self.acknowledged_after is None and self.failed is None:
            self.failed = "The application did not respond"
            self._changes.tell()


class Interactions:
    """All interactions of a playground, by id and by token."""

    def __init__(self, world: World, changes: Changes) -> None:
        self.world = world
        self._changes = changes
        self._by_token: dict[str, Interaction] = {}
        self.by_id: dict[int, Interaction] = {}

    def start(
        self, kind: Kind, user: User, channel: Channel, data: JsonObject, source: Message | None = None
    ) -> Interaction:
        """Make a new interaction, its 3 seconds running."""
        interaction = Interaction(
            interaction_id=self.world.ids.next(),
            kind=kind,
            user=user,
            channel=channel,
            data=data,
            source=source,
            clock=self.world.clock,
            changes=self._changes,
        )
        self._by_token[interaction.token] = interaction
        self.by_id[interaction.id] = interaction
        return interaction

    def for_callback(self, interaction_id: str, token: str) -> Interaction:
        """Give the interaction that a first response names.

        Raises:
            ApiError: 10062 when there is none

        """
        interaction = self._by_token.get(token)
        if interaction is None or str(interaction.id) != interaction_id:
            raise ApiError(404, 10062, "Unknown interaction")
        return interaction

    def for_webhook(self, application_id: str, token: str) -> Interaction:
        """Give the interaction whose token an edit or follow-up carries, if it is allowed now.

        Raises:
            ApiError: 10015 for an unknown token or before the first response, 50027 after 15 minutes

        """
        interaction = self._by_token.get(token)
        if interaction is None or application_id != str(self.world.application_id):
            raise ApiError(404, 10015, "Unknown Webhook")
        interaction.check_token()
        return interaction

    def close(self) -> None:
        """Stop all timers."""
        for interaction in self.by_id.values():
            interaction.close()
