"""A dark sheet measured in pixels, on which text of any kind is drawn as it is. Any thread; no pyplot, no global state.

Letters that the font lacks are drawn as their code, so that nothing is missing and nothing warns.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

_DPI = 100
_PALETTE = 64
_POINTS = 72 / _DPI

_SMALLEST = 0.7  # of the wanted size, before text is cut

Side = Literal["left", "center", "right"]


class Canvas:
    """One picture while it is drawn; the origin is at the top left."""

    def __init__(self, width: int, height: int, background: str) -> None:
        from matplotlib import get_data_path
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.font_manager import get_font

        self._figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=background)
        self._agg: Any = FigureCanvasAgg(self._figure)  # its methods have no types
        axes = self._figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        self._axes: Axes = axes
        # By file: a family's name would depend on what is installed.
        fonts = Path(get_data_path(), "fonts", "ttf")
        self._fonts = {False: fonts / "DejaVuSans.ttf", True: fonts / "DejaVuSans-Bold.ttf"}
        self._known = {bold: frozenset(get_font(str(font)).get_charmap()) for bold, font in self._fonts.items()}

    def text(
        self, x: float, y: float, text: str, *, size: float, colour: str, side: Side = "left", bold: bool = False
    ) -> Text:
        """Write one line whose middle is at ``y``."""
        return self._axes.text(
            x,
            y,
            self._drawable(text, bold=bold),
            fontsize=size * _POINTS,
            color=colour,
            ha=side,
            va="center_baseline",
            font=self._fonts[bold],
            parse_math=False,
        )

    def fitted_text(self, x: float, y: float, text: str, *, width: float, size: float, colour: str) -> float:
        """Write one line, smaller or cut where it would be wider than ``width``; give how wide it became."""
        line = self.text(x, y, text, size=size, colour=colour)
        wide, text = self._width(line), line.get_text()
        if wide > width:
            line.set_fontsize(max(width / wide, _SMALLEST) * size * _POINTS)
            while text and (wide := self._width(line)) > width:
                text = text[: min(len(text) - 1, int(len(text) * width / wide))]
                line.set_text(f"{text}…")
        return wide

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Draw a filled box whose top left corner is at ``x``, ``y``."""
        from matplotlib.patches import Rectangle

        self._axes.add_artist(Rectangle((x, y), width, height, facecolor=colour, edgecolor="none", linewidth=0))

    def png(self) -> bytes:
        """Give the picture as a PNG file."""
        from PIL import Image

        self._agg.draw()
        drawn = Image.frombytes("RGBA", self._agg.get_width_height(), bytes(self._agg.buffer_rgba())).convert("RGB")
        file = io.BytesIO()
        # A few flat colours and their edges: a palette makes the file four times smaller.
        drawn.quantize(_PALETTE, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, format="PNG")
        return file.getvalue()

    def _width(self, line: Text) -> float:
        return float(line.get_window_extent(self._agg.get_renderer()).width)

    def _drawable(self, text: str, *, bold: bool) -> str:
        known = self._known[bold]
        return "".join(letter if ord(letter) in known else f"⟨{ord(letter):X}⟩" for letter in text)
