"""Tables for a terminal, or for a file where the output goes to one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.hosting.doctor.finding import Finding, Verdict
from bot.store.figures import Figure


def print_figures(figures: Sequence[Figure], console: Console) -> None:
    """Show counts, one a line, thousands with commas."""
    table = Table(box=None, show_header=False)
    table.add_column(justify="right")
    table.add_column()
    for figure in figures:
        table.add_row(f"{figure.number:,}", Text(figure.about))
    console.print(table)


_STYLES = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.WRONG: "bold red"}


def print_findings(findings: Sequence[Finding], console: Console) -> None:
    """Show what the doctor has found, below it what to mend, and how it stands in all."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for finding in findings:
        text = Text(finding.found)
        if finding.mend:
            text.append(f"\n→ {finding.mend}", style="italic")
        table.add_row(Text(finding.about), Text(finding.verdict.value, style=_STYLES[finding.verdict]), text)
    console.print(table)
    count = {verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict}
    console.print(f"\n{count[Verdict.WRONG]} wrong, {count[Verdict.WARNING]} warnings, {count[Verdict.OK]} ok.")
