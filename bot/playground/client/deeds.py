"""What people do: type commands, use menus, press buttons, choose, and send forms. Discord's client sends it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.playground.client.menus import find_entry, menu_data
from bot.playground.client.pressing import (
    FieldValue,
    button_data,
    check_visible,
    find_button,
    find_select,
    modal_data,
    select_data,
)
from bot.playground.client.slash_input import (
    OptionValue,
    check_member,
    check_options,
    check_place,
    choose,
    command_data,
    in_own_words,
    names_of,
)
from bot.playground.gateway import Gateway
from bot.playground.interaction_payload import interaction_json
from bot.playground.interactions import ACKNOWLEDGE_SECONDS, Interaction, Interactions, Kind
from bot.playground.posting import Posting
from bot.playground.refusals import PlaygroundRefused
from bot.playground.rest.command_routes import Commands
from bot.playground.world import Channel, JsonObject, Message, User


class Deeds:
    """The half of a playground that people use; ``channel`` is where they are unless it is said."""

    def __init__(
        self, channel: Channel, commands: Commands, interactions: Interactions, posting: Posting, gateway: Gateway
    ) -> None:
        self.channel = channel
        self._commands = commands
        self._interactions = interactions
        self._world = interactions.world
        self._posting = posting
        self._gateway = gateway

    async def slash(
        self,
        user: User,
        name: str,
        options: Mapping[str, OptionValue] | None = None,
        *,
        channel: Channel | None = None,
        unchecked: bool = False,
    ) -> Interaction:
        """Send ``/name`` (``stories read`` for a subcommand); ``unchecked`` sends values that no client would.

        Raises:
            PlaygroundRefused: where Discord's client would not send it, with the reason

        """
        place = channel or self.channel
        chosen = choose(self.usable_commands(place), name, user.locale)
        values = in_own_words(chosen, options or {}, user.locale)
        if not unchecked:
            check_place(chosen.command, user, place)
            values = check_options(chosen, values)
        return self._send(Kind.COMMAND, user, place, command_data(self._world, chosen, values, guild=place.guild))

    async def autocomplete(
        self,
        user: User,
        name: str,
        option: str,
        typed: str,
        others: Mapping[str, OptionValue] | None = None,
        *,
        channel: Channel | None = None,
    ) -> list[JsonObject]:
        """Give what the bot suggests for an option while a person types: ``{"name": …, "value": …}`` each.

        Raises:
            PlaygroundRefused: when the option has no suggestions, or none came within 3 seconds

        """
        place = channel or self.channel
        chosen = choose(self.usable_commands(place), name, user.locale)
        option = next((item["name"] for item in chosen.options if option in names_of(item, user.locale)), option)
        if not any(item["name"] == option and item.get("autocomplete") for item in chosen.options):
            raise PlaygroundRefused(f"The option {option} of /{chosen.name} has no suggestions.")
        values = {**in_own_words(chosen, others or {}, user.locale), option: typed}
        data = command_data(self._world, chosen, values, focused=option, guild=place.guild)
        shown = self._send(Kind.AUTOCOMPLETE, user, place, data)
        await shown.until(lambda asked: asked.choices is not None or asked.failed, ACKNOWLEDGE_SECONDS + 1)
        if shown.choices is None:
            raise PlaygroundRefused("Loading options failed")
        return shown.choices

    async def menu(
        self, user: User, name: str, target: Message | User, *, channel: Channel | None = None
    ) -> Interaction:
        """Use an entry of a message's menu, or of a person's as they are met in ``channel``.

        Raises:
            PlaygroundRefused: when there is no such entry here, or the message can't be seen

        """
        place, shown = channel or self.channel, None
        if isinstance(target, Message):
            check_visible(user, target)
            place, shown = target.channel, self._posting.json(target)
        command = find_entry(self.usable_commands(place), name, target, user.locale)
        check_place(command, user, place)
        data = menu_data(self._world, command, target, shown, guild=place.guild)
        return self._send(Kind.COMMAND, user, place, data, target=target)

    async def press(self, user: User, message: Message, what: str) -> Interaction:
        """Press the button with this label, emoji or custom id.

        Raises:
            PlaygroundRefused: when there is none, it is disabled, or the message can't be seen

        """
        check_visible(user, message)
        check_member(user, message.channel)
        data = button_data(find_button(message, what))
        return self._send(Kind.COMPONENT, user, message.channel, data, message)

    async def select(self, user: User, message: Message, what: str, values: Sequence[str]) -> Interaction:
        """Choose in the select with this placeholder or custom id; ``values`` by value or label.

        Raises:
            PlaygroundRefused: for what Discord's client would not allow

        """
        check_visible(user, message)
        check_member(user, message.channel)
        data = select_data(self._world, find_select(message, what), values, guild=message.channel.guild)
        return self._send(Kind.COMPONENT, user, message.channel, data, message)

    async def submit(self, user: User, asked: Interaction, fields: Mapping[str, FieldValue]) -> Interaction:
        """Send the form that an interaction opened; fields by label or custom id, others keep their prefill.

        Raises:
            PlaygroundRefused: when there is no form, it is someone else's, or a field does not allow its value

        """
        if asked.modal is None or asked.user is not user:
            raise PlaygroundRefused(f"There is no form open for {user.name}.")
        check_member(user, asked.channel)
        data = modal_data(self._world, asked.modal, fields, guild=asked.channel.guild)
        return self._send(Kind.MODAL, user, asked.channel, data, asked.source, trigger=asked)

    def usable_commands(self, channel: Channel | None = None) -> list[JsonObject]:
        """Give the commands that are registered for this place, its guild's own first."""
        guild = (channel or self.channel).guild
        return self._commands.usable_in(guild.id if guild else None)

    def _send(
        self,
        kind: Kind,
        user: User,
        channel: Channel,
        data: JsonObject,
        source: Message | None = None,
        *,
        trigger: Interaction | None = None,
        target: Message | User | None = None,
    ) -> Interaction:
        interaction = self._interactions.start(kind, user, channel, data, source)
        interaction.trigger, interaction.target = trigger, target
        guild = channel.guild
        payload = interaction_json(self._world, interaction, self._posting.files_url)
        # Without anyone at the gateway nothing happens, and after 3 s Discord says so.
        self._gateway.dispatch("INTERACTION_CREATE", payload, guild_id=guild.id if guild else None)
        return interaction
