"""``python -m tests.load --people 200 --minutes 3``: many people at the bot, and a table of what they met.

The bot is a process of its own on the playground, which runs in this one. ``--per-minute`` is how often each person
comes; arrivals are a Poisson process. ``--set STORY_ROWS=16`` gives the bot another value than its default.
The last lines say whether the goals were met; the exit code is 1 where one was not.
"""

from __future__ import annotations

import asyncio
import sys

from tests.load.run import measure, parser

if __name__ == "__main__":
    options = parser("python -m tests.load", __doc__ or "").parse_args()
    sys.exit(asyncio.run(measure(options, dict(line.split("=", 1) for line in options.set))))
