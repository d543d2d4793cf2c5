"""A genre's colour as ink: it must be read on white paper and on a dark screen."""

from __future__ import annotations

INK_CONTRAST = 4.5
"""Least contrast of text with what is behind it (WCAG 2.2, success criterion 1.4.3)."""
STEPS = 20


def ink(colour: int, paper: int) -> str:
    """Give ``colour`` (0xRRGGBB) as ``#rrggbb``, made darker or lighter until it can be read on ``paper``."""
    away = 0x000000 if _luminance(paper) > 0.5 else 0xFFFFFF  # noqa: PLR2004 - the middle
    mixes = (_mixed(colour, away, step / STEPS) for step in range(STEPS + 1))
    return f"#{next(mix for mix in mixes if contrast(mix, paper) >= INK_CONTRAST or mix == away):06x}"


def contrast(one: int, other: int) -> float:
    """Give the contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: int) -> float:
    """Give the relative luminance, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    red, green, blue = (_linear(part / 255) for part in colour.to_bytes(3, "big"))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's numbers


def _mixed(colour: int, other: int, share: float) -> int:
    pairs = zip(colour.to_bytes(3, "big"), other.to_bytes(3, "big"), strict=True)
    return int.from_bytes(round(one + (two - one) * share) for one, two in pairs)
