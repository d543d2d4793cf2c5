"""What Discord refuses in the body of a message. Pure checks; each number's page in a comment."""

from __future__ import annotations

from bot.playground.refusals import ApiError, Problems
from bot.playground.rules.component_rules import check_components
from bot.playground.world import COMPONENTS_V2, EPHEMERAL, JsonObject

CONTENT = 2000  # resources/message: content
EMBEDS = 10  # resources/message: embeds
EMBED_TITLE, EMBED_DESCRIPTION, EMBED_FIELDS = 256, 4096, 25  # resources/message: embed limits
EMBED_FIELD_NAME, EMBED_FIELD_VALUE, EMBED_FOOTER, EMBED_AUTHOR = 256, 1024, 2048, 256
EMBED_TOTAL = 6000  # over all embeds of one message
FILE_BYTES = 10 * 1024 * 1024  # reference: uploading files, default limit
COLOUR = 0xFFFFFF

SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 2, 1 << 12
CREATE_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2
EDIT_FLAGS = SUPPRESS_EMBEDS | COMPONENTS_V2


def check_message(body: JsonObject, *, allowed_flags: int, layout: bool = False) -> None:
    """Check the contents of a message that is created or edited; ``layout``: it is Components V2 already.

    Raises:
        ApiError: 50035 with every problem in it

    """
    problems = Problems()
    flags = body.get("flags") or 0
    if not isinstance(flags, int) or flags & ~allowed_flags:
        problems.add(("flags",), "MESSAGE_FLAGS_INVALID", "These flags can't be set here.")
        flags = 0
    layout = layout or bool(flags & COMPONENTS_V2)
    problems.length(("content",), body.get("content"), maximum=CONTENT, optional=True)
    check_embeds(body.get("embeds"), problems)
    check_components(body.get("components"), problems, layout=layout)
    if layout:
        _refuse_old_fields(body, problems)
    problems.raise_if_any()


def _refuse_old_fields(body: JsonObject, problems: Problems) -> None:
    for name in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(name):
            problems.add(
                (name,),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def check_embeds(embeds: object, problems: Problems) -> None:
    """Note everything that is wrong with the embeds of a message."""
    total = 0
    for index, embed in enumerate(problems.items(("embeds",), embeds, maximum=EMBEDS)):
        _check_embed(embed, problems, index)
        total += embed_length(embed)
    if total > EMBED_TOTAL:
        problems.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")


def _check_embed(embed: JsonObject, problems: Problems, index: int) -> None:
    at = ("embeds", index)
    problems.length((*at, "title"), embed.get("title"), maximum=EMBED_TITLE, optional=True)
    problems.length((*at, "description"), embed.get("description"), maximum=EMBED_DESCRIPTION, optional=True)
    problems.number((*at, "color"), embed.get("color"), 0, COLOUR)
    for name, key, maximum in (("footer", "text", EMBED_FOOTER), ("author", "name", EMBED_AUTHOR)):
        part = embed.get(name)
        if part is not None:
            text = part.get(key) if isinstance(part, dict) else part
            problems.length((*at, name, key), text, maximum=maximum)
    for number, item in enumerate(problems.items((*at, "fields"), embed.get("fields"), maximum=EMBED_FIELDS)):
        problems.length((*at, "fields", number, "name"), item.get("name"), minimum=1, maximum=EMBED_FIELD_NAME)
        problems.length((*at, "fields", number, "value"), item.get("value"), minimum=1, maximum=EMBED_FIELD_VALUE)
    url = embed.get("url")
    if url and not str(url).startswith(("http://", "https://")):
        problems.add((*at, "url"), "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').")


def embed_length(embed: JsonObject) -> int:
    """Give the characters of an embed that count for the limit of 6000."""
    texts = [embed.get("title"), embed.get("description")]
    texts.append((embed.get("footer") or {}).get("text"))
    texts.append((embed.get("author") or {}).get("name"))
    for item in embed.get("fields") or []:
        texts += [item.get("name"), item.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def check_defer(data: JsonObject) -> None:
    """Give a deferred answer may only say that it will be ephemeral.

    Raises:
        ApiError: 50035 when another flag is set

    """
    flags = data.get("flags") or 0
    if not isinstance(flags, int) or flags & ~EPHEMERAL:
        problems = Problems()
        problems.add(("data", "flags"), "MESSAGE_FLAGS_INVALID", "Only EPHEMERAL can be set on a deferred response.")
        problems.raise_if_any()


def check_not_empty(body: JsonObject, *, files: int) -> None:
    """Give a message needs something to show.

    Raises:
        ApiError: 50006

    """
    shows = any(body.get(name) for name in ("content", "embeds", "components", "sticker_ids", "poll"))
    if not shows and not files:
        raise ApiError(400, 50006, "Cannot send an empty message")


def check_file_size(size: int) -> None:
    """Give a file of more than 10 MiB is refused.

    Raises:
        ApiError: 40005

    """
    if size > FILE_BYTES:
        raise ApiError(413, 40005, "Request entity too large")
