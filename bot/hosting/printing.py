"""Tables for a terminal, or for a file where the output goes to one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.store.figures import Figure


def print_figures(figures: Sequence[Figure], console: Console) -> None:
    """Show counts, one a line, thousands with commas."""
    table = Table(box=None, show_header=False)
    table.add_column(justify="right")
    table.add_column()
    for figure in figures:
        table.add_row(f"{figure.number:,}", Text(figure.about))
    console.print(table)
