"""Pictures of explorations: any text in them, and nothing said on the side."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from storygen.exploration import RULES, Exploration, NextTokens, Stage, TokenOdds
from storygen.pictures import draw_exploration
from storygen.pictures.exploration_picture import (
    WIDTH,
    choice_count,
    genre_label,
    option_value,
    percent,
)
from storygen.sampling import SamplingOptions

BACKGROUND = (0x31, 0x33, 0x38)


def exploration(texts: list[str] | None = None, prompt: str = "The door") -> Exploration:
    """Give one whose last token is cut off by top_p and whose first is never written."""
    texts = texts or [" opens", " above", "bell", " is"]
    odds = [
        TokenOdds(text=text, rank=place + 1, logit=5.0 - place, probability=0.2, after=(0.2, 0.3, 0.3, 0.3))
        for place, text in enumerate(texts)
    ]
    odds[0] = replace(odds[0], rank=None, after=(0.0, 0.0, 0.0, 0.0), cut_by=RULES)
    odds[-1] = replace(odds[-1], after=(0.2, 0.1, 0.1, 0.0), cut_by="top_p")
    return Exploration(
        genre="sci_fi",
        prompt=prompt,
        options=SamplingOptions(),
        model="made-up",
        prompt_tokens=4,
        prompt_was_cut=False,
        next_tokens=NextTokens(
            vocabulary=8192,
            choices=120.5,
            tokens=tuple(odds),
            edges=(odds[-1],),
            stages=tuple(
                Stage(option=name, value=value, tokens=40, choices=9.5, cut=0.1)
                for name, value in (("repetition_penalty", 1.1), ("temperature", 1.0), ("top_k", 50), ("top_p", 0.95))
            ),
        ),
    )


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image.convert("RGB")


def test_it_is_a_small_dark_png_as_wide_as_a_phone_shows_it() -> None:
    png = draw_exploration(exploration([f" word{number}" for number in range(16)]))
    image = opened(png)
    assert image.width == WIDTH
    assert image.height < 1.3 * WIDTH
    assert image.getpixel((3, image.height - 3)) == BACKGROUND
    assert len(png) < 100_000


def test_the_same_exploration_is_the_same_picture_and_another_is_another() -> None:
    first = draw_exploration(exploration())
    assert draw_exploration(exploration()) == first
    assert draw_exploration(exploration(prompt="The window")) != first


@pytest.mark.parametrize(
    "text",
    [
        "$x^2$",
        r"$\frac{",
        "_",
        "中文",
        "🦇👩‍🚀",
        "كان الليل",
        "\x07\x1b[0m",
        "⟨E2 80⟩",
        "W" * 300,
        "\ud800",
        "a\u0301",
        " ",
    ],
)
def test_any_text_is_drawn_as_it_is(text: str) -> None:
    odd = draw_exploration(exploration([" one", text, " two"], prompt=f"{text} {text}"))
    assert opened(odd).tobytes() != opened(draw_exploration(exploration([" one", " o", " two"]))).tobytes()


@settings(max_examples=15)
@given(st.text(max_size=60), st.text(max_size=20))
def test_no_text_breaks_it(prompt: str, token: str) -> None:
    assert opened(draw_exploration(exploration([" one", token, " two"], prompt=prompt))).width == WIDTH


def test_text_stays_inside_of_its_column_and_of_the_picture() -> None:
    image = opened(draw_exploration(exploration([" one", "W" * 40, " two"], prompt="W" * 400)))
    right_edge = [image.getpixel((WIDTH - 4, y)) for y in range(150)]
    assert set(right_edge) == {BACKGROUND}
    between = {image.getpixel((245, y)) for y in range(146 + 112 + 74 + 5, 146 + 112 + 2 * 74 - 5)}
    assert len(between) == 1


def test_it_can_be_drawn_on_several_threads_at_once() -> None:
    expected, drawn = draw_exploration(exploration()), list[bytes]()
    threads = [threading.Thread(target=lambda: drawn.append(draw_exploration(exploration()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == [expected] * 3


def test_an_exploration_without_sampling_has_two_stages() -> None:
    told = exploration()
    stages = (told.next_tokens.stages[0], Stage(option="do_sample", value=False, tokens=1, choices=1.0, cut=0.8))
    tokens = tuple(
        replace(token, after=(token.probability, 1.0 * (place == 1)))
        for place, token in enumerate(told.next_tokens.tokens)
    )
    greedy = replace(told, next_tokens=replace(told.next_tokens, tokens=tokens, edges=(), stages=stages))
    assert opened(draw_exploration(greedy)).width == WIDTH


def test_numbers_are_written_as_people_read_them() -> None:
    assert [percent(each) for each in (0.0, 0.0001, 0.0005, 0.1234, 1.0)] == [
        "0.0 %",
        "< 0.1 %",
        "0.1 %",
        "12.3 %",
        "100.0 %",
    ]
    assert [choice_count(each) for each in (1.0, 9.94, 58.5, 6136.2)] == ["1.0", "9.9", "58", "6,136"]
    assert option_value("top_k", 0) == option_value("temperature", 1.0) == "off"
    assert [option_value("top_k", 50), option_value("top_p", 0.95)] == ["50", "0.95"]
    assert [genre_label("sci_fi"), genre_label("dark_comedy")] == ["Sci-Fi", "Dark Comedy"]


def test_importing_the_room_imports_no_matplotlib() -> None:
    code = (
        "import storygen.pictures, storygen.cli, sys; sys.exit('matplotlib' in sys.modules or 'torch' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own words
    assert ended.returncode == 0
