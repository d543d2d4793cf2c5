"""``python -m tests.moderation_report``: what the filter catches and what not, on the labelled cases.

With ``--cases`` it names every case on which it is wrong. Where the stories that people wrote are at hand, it also says
how many of them it does not let through. Files of JSON lines with a ``text`` are looked through as well:
``python -m tests.moderation_report stories.jsonl``.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bot.moderation import Level, default_filter
from tests.moderation_report.rates import cases, human_stories, rates


def main() -> None:
    """Print everything."""
    every = cases()
    measured = rates(every)
    sizes = Counter(case.kind for case in every)
    print(f"{len(every)} cases, {sizes[None]} of them harmless; false alarms: {len(measured.false_alarms)}")
    print(f"precision {measured.precision:.1%}, recall of what is disguised {measured.disguised:.1%}; recall by kind:")
    for kind, recall in measured.recall.items():
        print(f"  {kind:10} {recall:6.1%} of {sizes[kind]}")
    if "--cases" in sys.argv:
        print("false alarms:", *measured.false_alarms, "missed:", *measured.missed, sep="\n  ")
    if stories := human_stories():
        _print_stories("human stories", stories)
    for name in sys.argv[1:]:
        if name != "--cases":
            lines = Path(name).read_text(encoding="utf-8").splitlines()
            _print_stories(name, [json.loads(line)["text"] for line in lines])


def _print_stories(name: str, stories: Sequence[str]) -> None:
    for level in Level:
        began = time.perf_counter()
        kinds = Counter(default_filter(level).finds(story) for story in stories)
        micros = (time.perf_counter() - began) / sum(map(len, stories)) * 1e6
        flagged = len(stories) - kinds[None]
        by_kind = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common() if kind)
        print(f"{name}, {level}: {flagged} of {len(stories)} ({flagged / len(stories):.1%}): {by_kind or 'none'}")
        print(f"  {micros:.2f} microseconds for a character")


if __name__ == "__main__":
    main()
