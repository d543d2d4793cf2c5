"""Who may press what in a story that is told together: it belongs to nobody alone."""

from __future__ import annotations

from bot.errors import CircleNotFound, NotTheStarter
from bot.store import Circle
from bot.storytelling.telling import Teller


def refuse_elsewhere(circle: Circle, teller: Teller) -> None:
    """Refuse whoever is in another server, whatever they press: raises CircleNotFound."""
    if circle.guild_id != teller.guild_id:
        raise CircleNotFound


def may_lead(circle: Circle, user_id: int, *, manages: bool) -> bool:
    """Say whether somebody may pass over others and end the story.

    Whoever began it and those who look after the server (``manages``) may; where whoever began it takes part no more,
    so may everybody who does.
    """
    if manages or user_id == circle.starter_id:
        return True
    return circle.starter_id not in circle.member_ids and user_id in circle.member_ids


def refuse_leading(circle: Circle, user_id: int, *, manages: bool) -> None:
    """Raise NotTheStarter where somebody may not lead."""
    if not may_lead(circle, user_id, manages=manages):
        raise NotTheStarter(circle.starter_id)
