"""Answering interactions: the callback, edits of the original answer, follow-ups."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from bot.playground.interactions import Interaction, Interactions, Kind
from bot.playground.posting import Posting
from bot.playground.refusals import ApiError, Problems
from bot.playground.rest.bodies import Body
from bot.playground.rest.frame import Call, Handler, Route
from bot.playground.rules.command_rules import CHOICES, check_choices
from bot.playground.rules.component_rules import check_modal
from bot.playground.rules.message_rules import check_defer
from bot.playground.world import EPHEMERAL, JsonObject, Message

PONG, MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, AUTOCOMPLETE, MODAL = 1, 4, 5, 6, 7, 8, 9

ALLOWED = {
    Kind.COMMAND: (MESSAGE, DEFERRED_MESSAGE, MODAL),
    Kind.COMPONENT: (MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, MODAL),
    Kind.AUTOCOMPLETE: (AUTOCOMPLETE,),
    Kind.MODAL: (MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE),
}


class InteractionRoutes:
    """The routes whose right is the interaction's token."""

    def __init__(self, interactions: Interactions, posting: Posting) -> None:
        self._interactions = interactions
        self._posting = posting

    def routes(self) -> list[Route]:
        """All of them, most specific first."""
        webhook = "/webhooks/{application_id}/{token}"
        original, one = f"{webhook}/messages/@original", f"{webhook}/messages/{{message_id}}"
        callback = "/interactions/{interaction_id}/{token}/callback"

        def route(method: str, template: str, handler: Handler, *, limited: bool) -> Route:
            limited_by = "token" if limited else None
            return Route(method=method, template=template, handler=handler, needs_token=False, limited_by=limited_by)

        return [
            route("POST", callback, self._callback, limited=False),
            route("GET", original, self._get, limited=False),
            route("PATCH", original, self._edit, limited=True),
            route("DELETE", original, self._delete, limited=False),
            route("GET", one, self._get, limited=False),
            route("PATCH", one, self._edit, limited=True),
            route("DELETE", one, self._delete, limited=False),
            route("POST", webhook, self._follow_up, limited=True),
        ]

    def _callback(self, call: Call) -> JsonObject | None:
        interaction = self._interactions.for_callback(call.ids["interaction_id"], call.ids["token"])
        interaction.check_may_answer()
        body = call.object()
        kind = body.get("type")
        if kind not in ALLOWED[interaction.kind]:
            _refuse_type(kind, ALLOWED[interaction.kind])
        message = self._respond(interaction, int(kind), body.get("data") or {}, call.body)
        interaction.acknowledge()
        if call.query.get("with_response") not in ("1", "true"):
            return None
        return self._response_json(interaction, int(kind), message)

    def _respond(self, interaction: Interaction, kind: int, data: JsonObject, body: Body) -> Message | None:
        if kind == MESSAGE:
            interaction.original = _under_data(lambda: self._posting.answer(interaction, data, body))
        elif kind == DEFERRED_MESSAGE:
            check_defer(data)
            ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
            interaction.original = self._posting.think(interaction, ephemeral=ephemeral)
        elif kind in (DEFERRED_UPDATE, UPDATE):
            interaction.original = self._source(interaction)
            if kind == UPDATE:
                source = interaction.original
                _under_data(lambda: self._posting.edit(source, data, body))
        elif kind == MODAL:
            check_modal(data)
            interaction.modal = data
        else:
            interaction.choices = _checked_choices(interaction, data)
        return interaction.original

    def _source(self, interaction: Interaction) -> Message:
        if interaction.source is None or interaction.source.deleted:
            raise ApiError(404, 10008, "Unknown Message")
        return interaction.source

    def _response_json(self, interaction: Interaction, kind: int, message: Message | None) -> JsonObject:
        about: JsonObject = {"id": str(interaction.id), "type": int(interaction.kind)}
        answer: JsonObject = {"interaction": about}
        if message is not None:
            about |= {
                "response_message_id": str(message.id),
                "response_message_loading": message.loading,
                "response_message_ephemeral": message.ephemeral,
            }
            if kind in (MESSAGE, UPDATE):
                answer["resource"] = {"type": kind, "message": self._posting.json(message)}
        return answer

    def _find(self, call: Call) -> tuple[Interaction, Message]:
        interaction = self._interactions.for_webhook(call.ids["application_id"], call.ids["token"])
        if interaction.channel.deleted:
            raise ApiError(404, 10003, "Unknown Channel")
        own = [interaction.original] if interaction.original else []
        wanted = call.ids.get("message_id")
        for message in own if wanted is None else own + interaction.followups:
            if not message.deleted and wanted in (None, str(message.id)):
                return interaction, message
        raise ApiError(404, 10008, "Unknown Message")

    def _get(self, call: Call) -> JsonObject:
        return self._posting.json(self._find(call)[1])

    def _edit(self, call: Call) -> JsonObject:
        _, message = self._find(call)
        return self._posting.json(self._posting.edit(message, call.object(), call.body))

    def _delete(self, call: Call) -> None:
        self._posting.delete(self._find(call)[1])

    def _follow_up(self, call: Call) -> JsonObject:
        interaction = self._interactions.for_webhook(call.ids["application_id"], call.ids["token"])
        if interaction.channel.deleted:
            raise ApiError(404, 10003, "Unknown Channel")
        if interaction.thinking and interaction.original is not None:
            # The first follow-up after a deferred answer takes the place of "is thinking…".
            return self._posting.json(self._posting.edit(interaction.original, call.object(), call.body))
        interaction.check_followup()
        message = self._posting.answer(interaction, call.object(), call.body)
        interaction.followups.append(message)
        return self._posting.json(message)


def _under_data(action: Callable[[], Message]) -> Message:
    """Do something with the ``data`` of a callback; its problems are reported under that name."""
    try:
        return action()
    except ApiError as error:
        errors = {"data": error.errors} if error.errors else None
        raise ApiError(error.status, error.code, error.message, errors) from None


def _refuse_type(kind: object, allowed: tuple[int, ...]) -> NoReturn:
    problems = Problems()
    problems.add(("type",), "BASE_TYPE_CHOICES", f"Value must be one of {allowed}, not {kind}.")
    problems.raise_if_any()
    raise AssertionError  # raise_if_any has something to raise


def _checked_choices(interaction: Interaction, data: JsonObject) -> list[JsonObject]:
    problems = Problems()
    choices = problems.items(("data", "choices"), data.get("choices"), maximum=CHOICES)
    check_choices(choices, problems, ("data",), _focused_type(interaction.data))
    problems.raise_if_any()
    return choices


def _focused_type(data: JsonObject) -> object:
    for option in data.get("options") or []:
        if option.get("focused"):
            return option["type"]
        if (found := _focused_type(option)) is not None:
            return found
    return None
