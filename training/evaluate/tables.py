"""The tables of ``report.md``, one function a section; a section that was not measured says so in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Section = Mapping[str, Any]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def prediction(report: Section) -> str:
    """Bits per byte by genre, beside the n-gram model and the network with shuffled genres."""
    ngram, shuffled = report["ngram"], report["shuffled_genres"]
    rows = [
        _predicted("**all**", report["overall"], ngram.get("overall"), shuffled.get("overall")),
        *(
            _predicted(name, line, ngram.get("by_genre", {}).get(name), shuffled.get("by_genre", {}).get(name))
            for name, line in report["by_genre"].items()
        ),
    ]
    head = ["genre", "stories", "bytes", "tokens", "perplexity per token", "bits per byte", "n-gram", "shuffled genre"]
    about = (
        "Less is better; only bits per byte can be compared between models. Long stories are measured whole, in "
        "windows that overlap by half and all begin with the genre; the end mark counts as a token."
    )
    parts = [
        "## Prediction of the test stories",
        about,
        table(head, rows),
        _about_ngram(ngram),
        _about_shuffling(shuffled),
        "![Bits per byte by genre](bits_per_byte.png)",
    ]
    return "\n\n".join(parts)


def adherence(section: Section) -> str:
    """Balanced accuracy of each group, and recall by genre."""
    if "not_measured" in section:
        return _left_out("Genre adherence", section)
    groups, genres = section["groups"], section["genres"]
    rows = [
        [name, str(group["stories"]), f"**{group['balanced_accuracy']:.1%}**", _between(group["interval"], ".0%")]
        + [_share(group["recall"].get(genre)) for genre in genres]
        for name, group in groups.items()
    ]
    about = (
        f"How often a classifier, trained on {section['trained_on']:,} human plots only, guesses the genre that was "
        f"asked for: the mean over the genres, its 95 % interval, and the share of each genre. Guessing blindly gives "
        f"{1 / len(genres):.1%}."
    )
    head = ["stories", "number", "balanced accuracy", "interval", *genres]
    parts = ["## Genre adherence", about, table(head, rows), "![Guessed genres](confusion.png)"]
    if section["by_source"]:
        parts.append(_by_source(section))
    return "\n\n".join(parts)


def endings(section: Section) -> str:
    """How stories end and how long they are."""
    if "not_measured" in section:
        return _left_out("Endings and length", section)
    rows = [
        [
            name,
            str(group["stories"]),
            f"{group['ended_by_model']:.1%}",
            f"{group['whole_sentence_as_written']:.1%}",
            f"**{group['whole_sentence_as_shown']:.1%}**",
            f"{group['nothing_to_show']:.1%}",
            _middle(group["words_as_written"]),
            _middle(group["words_as_shown"]),
            _middle(group["tokens"]),
        ]
        for name, group in section["groups"].items()
    ]
    head = ["stories", "number", "ended by the model", "whole sentence as written", "as shown", "nothing to show"]
    head += ["words as written", "words as shown", "tokens"]
    about = "Lengths: the middle one, and between which nine in ten lie."
    return "\n\n".join(["## Endings and length", about, table(head, rows), "![Lengths](lengths.png)"])


def faults(loops: Section, invented: Section) -> str:
    """Loops and invented words."""
    parts = ["## Loops and invented words"]
    if "not_measured" in loops:
        parts.append(f"Loops are not measured: {loops['not_measured']}.")
    else:
        rows = [
            [name, str(group["stories"]), f"**{group['loops']:.1%}**", f"{group['repeated_runs_of_4']:.2%}"]
            for name, group in loops["groups"].items()
        ]
        parts.append(table(["stories", "number", "loops", "runs of 4 words that came before"], rows))
    if "not_measured" in invented:
        parts.append(f"Invented words are not measured: {invented['not_measured']}.")
    else:
        parts.append(_invented(invented))
    return "\n\n".join(parts)


def copying(section: Section) -> str:
    """Say what stands word for word in the training texts."""
    if "not_measured" in section:
        return _left_out("Copying", section)
    rows = [
        [
            name,
            str(group["stories"]),
            f"**{group['runs_found_mean']:.3%}**",
            _between(group["interval"], ".3%"),
            f"{group['runs_found_max']:.1%}",
            f"{group['with_a_run']:.1%}",
            f"{group['longest_run_median']:.0f}",
            str(group["longest_run_max"]),
            str(group["taken"]),
        ]
        for name, group in section["groups"].items()
    ]
    about = (
        "Runs of eight words that stand in the training texts, and the longest run of words that does, in words (0: "
        "none of four). Human stories are cut to the lengths of the generated ones. In the last column, stories with "
        "three tenths of their runs found."
    )
    head = ["stories", "number", "runs found", "interval", "most in a story", "stories with one"]
    head += ["longest run, middle", "longest of all", "taken"]
    return "\n\n".join(["## Copying", about, table(head, rows), "![Longest runs](copying.png)"])


def diversity(section: Section) -> str:
    """distinct-n and self-BLEU."""
    if "not_measured" in section:
        return _left_out("Variety", section)
    rows = [_varied(name, group) for name, group in section["groups"].items()]
    rows += [_varied(f"{genre}, generated", group) for genre, group in section["by_genre"].items()]
    head = ["stories", "number", "words", "distinct-1", "distinct-2", "distinct-3", "self-BLEU"]
    about = "Both depend on how many words and stories there are: compare lines of about the same numbers."
    return "\n\n".join(["## Variety", about, table(head, rows)])


def mauve(section: Section) -> str:
    """MAUVE, or why there is none."""
    if "not_measured" in section:
        return _left_out("MAUVE", section)
    return f"## MAUVE\n\n{section['mauve']:.3f} over {section['stories']} stories, seen through {section['model']}."


def beside(report: Section) -> str:
    """Other checkpoints on the same stories; nothing where none was named."""
    others = report["beside"]
    if not others:
        return ""
    rows = [[report["checkpoint"], f"{report['weights']:,}", f"{report['overall']['bits_per_byte']:.4f}"]]
    for other in others:
        if "not_measured" in other:
            rows.append([other["checkpoint"], "-", f"not measured: {other['not_measured']}"])
        else:
            bits = f"{other['overall']['bits_per_byte']:.4f}"
            rows.append([other["checkpoint"], f"{other['weights']:,}", bits])
    return "## Other checkpoints\n\n" + table(["checkpoint", "weights", "bits per byte"], rows)


def _predicted(name: str, line: Section, ngram: float | None, shuffled: Section | None) -> list[str]:
    counts = [f"{line[key]:,}" for key in ("stories", "bytes", "tokens")]
    others = [ngram, shuffled["bits_per_byte"] if shuffled else None]
    cells = ["-" if value is None else f"{value:.4f}" for value in others]
    return [name, *counts, f"{line['perplexity']:.2f}", f"**{line['bits_per_byte']:.4f}**", *cells]


def _about_ngram(ngram: Section) -> str:
    if "not_measured" in ngram:
        return f"The n-gram model is not measured: {ngram['not_measured']}."
    return (
        f"n-gram: {ngram['model']}, after reading {ngram['trained_on_bytes']:,} bytes of training stories, each test "
        f"story on its own. If it may go on learning from one test story to the next: {ngram['learning_on']:.4f}."
    )


def _about_shuffling(shuffled: Section) -> str:
    if "not_measured" in shuffled:
        return f"Shuffled genres are not measured: {shuffled['not_measured']}."
    return (
        f"Shuffled genre: the same network, each story with the token of another genre. It costs "
        f"{shuffled['cost']:+.4f} bits per byte (95 % interval {_between(shuffled['interval'], '+.4f')}); "
        f"{shuffled['dearer_stories']:.0%} of the stories get dearer."
    )


def _invented(section: Section) -> str:
    rows = [
        [
            name,
            f"{group['words']:,}",
            f"**{group['invented']:.2%}**",
            f"{group['stories_with_one']:.0%}",
            f"{group['new_names']:.1%}",
        ]
        for name, group in section["groups"].items()
    ]
    head = ["stories", "words in lower case", "in no human text", "stories with one", "capitalised words in none"]
    first = next(iter(section["groups"].items()))
    examples = f"The commonest in the stories of the first line: {', '.join(first[1]['commonest']) or 'none'}."
    return f"{table(head, rows)}\n\n{examples}"


def _varied(name: str, group: Section) -> list[str]:
    shares = [f"{group[f'distinct_{length}']:.3f}" for length in (1, 2, 3)]
    return [name, str(group["stories"]), f"{group['words']:,}", *shares, f"{group['self_bleu']:.3f}"]


def _by_source(section: Section) -> str:
    sources = section["by_source"]
    rows = [[name, *(_judged(groups.get(name)) for groups in sources.values())] for name in section["groups"]]
    about = (
        "A classifier that has read sources of different manner may take the manner for the genre. So the same, by "
        "classifiers that have read one source only (balanced accuracy and its interval):"
    )
    return f"{about}\n\n{table(['stories', *sources], rows)}"


def _judged(group: Section | None) -> str:
    if group is None:
        return "-"
    return f"{group['balanced_accuracy']:.1%} ({_between(group['interval'], '.0%')})"


def _left_out(title: str, section: Section) -> str:
    return f"## {title}\n\nNot measured: {section['not_measured']}."


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _between(ends: Sequence[float], form: str) -> str:
    return f"{ends[0]:{form}} to {ends[1]:{form}}"


def _middle(spread: Section) -> str:
    return f"{spread['p50']:.0f} ({spread['p5']:.0f} to {spread['p95']:.0f})"
