"""What Discord refuses in the tags of a forum and of its posts."""

from __future__ import annotations

from collections.abc import Callable

from bot.playground.refusals import ApiError, Problems
from bot.playground.world import Channel, JsonObject

TAGS, APPLIED_TAGS, TAG_NAME = 20, 5, 20  # resources/channel: available_tags, applied_tags, forum tag object


def check_post(forum: Channel, wanted: object) -> list[str]:
    """Give the ids of the tags that a post of this forum asks for.

    Raises:
        ApiError: 50035 for more than five, 10087 for one that the forum does not have, 40067 where one is needed

    """
    tags = [str(tag) for tag in wanted] if isinstance(wanted, list) else []
    if len(tags) > APPLIED_TAGS:
        problems = Problems()
        problems.add(("applied_tags",), "BASE_TYPE_BAD_LENGTH", f"Must be between 0 and {APPLIED_TAGS} in length.")
        problems.raise_if_any()
    if not set(tags) <= {tag["id"] for tag in forum.tags}:
        raise ApiError(404, 10087, "Unknown tag")
    if forum.needs_tag and not tags:
        raise ApiError(400, 40067, "A tag is required to create a forum post in this channel")
    return tags


def edited_tags(forum: Channel, wanted: object, new_id: Callable[[], int]) -> list[JsonObject]:
    """Give a forum's tags as they are to be; those without an id are new, and those that are left out go.

    Raises:
        ApiError: 50035 for too many or a name that is too long, 40061 for two of the same name

    """
    problems = Problems()
    tags = problems.items(("available_tags",), wanted, maximum=TAGS)
    for place, tag in enumerate(tags):
        problems.length(("available_tags", place, "name"), tag.get("name"), minimum=1, maximum=TAG_NAME)
    problems.raise_if_any()
    if len({tag["name"] for tag in tags}) < len(tags):
        raise ApiError(400, 40061, "Tag names must be unique")
    known = {tag["id"] for tag in forum.tags}
    return [_tag(tag, str(tag["id"]) if str(tag.get("id")) in known else str(new_id())) for tag in tags]


def _tag(tag: JsonObject, tag_id: str) -> JsonObject:
    emoji = {"emoji_id": tag.get("emoji_id"), "emoji_name": tag.get("emoji_name")}
    return {"id": tag_id, "name": tag["name"], "moderated": bool(tag.get("moderated")), **emoji}
