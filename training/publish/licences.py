"""Licence names: those that the hub knows by an identifier of its own, and where each is explained."""

from __future__ import annotations

import re
from types import MappingProxyType

from training.errors import TrainingError

_PUBLIC_DOMAIN = "https://creativecommons.org/publicdomain/zero/1.0/"

LINKS = MappingProxyType(
    {
        "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
        "cc-by-sa-3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
        "cc-by-4.0": "https://creativecommons.org/licenses/by/4.0/",
        "cc-by-nc-4.0": "https://creativecommons.org/licenses/by-nc/4.0/",
        "cc-by-nc-sa-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/",
        "cc0-1.0": _PUBLIC_DOMAIN,
        "mit": "https://opensource.org/license/mit",
        "apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    }
)
"""The hub's identifiers (https://huggingface.co/docs/hub/repositories-licenses) that our models are likely to have."""

_UNKNOWN = frozenset({"", "unknown", "none"})


def hub_licence(licence: str) -> dict[str, str]:
    """Give the fields ``license`` and, for one that the hub has no identifier for, ``license_name`` of a model card.

    Raises TrainingError where there is no licence: nobody may use a model without one.
    """
    if licence.strip().lower() in _UNKNOWN:
        raise TrainingError(
            "This checkpoint has no licence: put one into the field licence of its story.json, such as CC BY-SA 4.0."
        )
    identifier = re.sub(r"[^a-z0-9.]+", "-", licence.lower()).strip("-")
    if identifier in LINKS:
        return {"license": identifier}
    return {"license": "other", "license_name": identifier}


def licence_line(licence: str) -> str:
    """Give the licence as Markdown, with a link where one is known."""
    link = LINKS.get(hub_licence(licence)["license"])
    return f"[{licence}]({link})" if link else licence
