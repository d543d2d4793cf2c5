"""What every export is made of: the chosen branch by paragraphs, the credits, and the refusals."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ExportTooLarge, StoryEmpty, StoryNotFound, StoryUnfinished, UnknownFormat
from bot.exports import FORMATS, Format, Licences, export_book, format_named, make_book
from bot.exports.book import Run
from bot.exports.colours import INK_CONTRAST, contrast, ink
from bot.exports.credit_lines import credit_lines
from bot.exports.file_name import NAME_LENGTH, file_name
from bot.exports.printable import printable
from bot.store import Author, PassageState
from bot.storytelling.joining import joined
from storygen.checkpoint import read_info
from tests.fakes.story_trees import EDITION, MODELS, STORY, book_of, hostile_text, passages, told

PERSON, MODEL = Author.PERSON, Author.MODEL
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


def test_a_book_has_the_branch_to_the_head_and_no_other() -> None:
    tree = passages((PERSON, "She went down"), (MODEL, " and fell."))
    other = replace(tree[1], id=20, text=" and flew.")
    book = book_of([*tree, other], head_id=tree[1].id)
    assert book.paragraphs == ((Run("She went down", PERSON), Run(" and fell.", MODEL)),)
    assert book.tree == (*tree, other)


def test_a_line_break_parts_paragraphs_and_neighbours_of_one_author_are_one_run() -> None:
    book = told((PERSON, "One."), (MODEL, " Two.\n\nThree"), (MODEL, "\nFour,"), (MODEL, " five. "), (PERSON, "Six."))
    assert book.paragraphs == (
        (Run("One.", PERSON), Run(" Two.", MODEL)),
        (Run("Three", MODEL),),
        (Run("Four, five. ", MODEL), Run("Six.", PERSON)),
    )


@given(st.lists(st.tuples(st.sampled_from(Author), hostile_text()), min_size=1, max_size=6))
def test_a_book_has_the_words_that_are_shown_and_none_else(texts: list[tuple[Author, str]]) -> None:
    tree = passages(*texts)
    words = printable(joined(tree)).split()
    if not words:
        with pytest.raises(StoryEmpty):
            book_of(tree)
        return
    paragraphs = ["".join(run.text for run in paragraph) for paragraph in book_of(tree).paragraphs]
    assert " ".join(paragraphs).split() == words
    assert all(paragraph == paragraph.strip() and "\n" not in paragraph for paragraph in paragraphs)


def test_a_story_that_is_gone_unfinished_or_empty_is_refused() -> None:
    waiting = replace(MODELS, id=12, parent_id=11, state=PassageState.WAITING, finished_at=None)
    with pytest.raises(StoryNotFound):
        book_of([])
    with pytest.raises(StoryUnfinished):
        book_of([*passages((PERSON, "She")), waiting], head_id=11)
    with pytest.raises(StoryEmpty):
        book_of([replace(MODELS, state=PassageState.FAILED)], head_id=None)


def test_credits_name_the_models_of_the_branch_and_the_licence_where_it_is_known() -> None:
    tree = passages((PERSON, "She"), (MODEL, " went"), (MODEL, " on."))
    tree[1] = replace(tree[1], model="older-1")
    assert credit_lines(book_of(tree), mark="in bold") == [
        "AI-generated: told with older-1 and tiny-0. It invents; nothing of this has happened.",
        "What a person wrote is in bold; all else is the model's.",
        "Licence of the model tiny-0: CC BY-SA 4.0.",
    ]


def test_credits_say_so_where_no_model_has_written() -> None:
    assert credit_lines(told((PERSON, "She went."))) == ["Written by a person; no model has added to it."]


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.extension)
def test_every_format_has_title_date_genre_and_the_ai_label_and_the_name_only_where_it_is_wanted(kind: Format) -> None:
    from tests.unit.bot.test_exports_formats import text_in

    tree = ((PERSON, "She went"), (MODEL, " down."))
    signed = text_in(export_book(told(*tree), kind))
    unsigned = text_in(export_book(told(*tree, edition=replace(EDITION, author="")), kind))
    for text in (signed, unsigned):
        assert "The Lantern" in text
        assert "Horror" in text
        assert "2026" in text
        assert "AI-generated: told with tiny-0" in text
        assert "CC BY-SA 4.0" in text
    assert "Ada" in signed
    assert "Ada" not in unsigned
    assert " by " not in unsigned.split("AI-generated", 1)[0].split("She went", 1)[0]


def test_a_file_that_discord_would_not_take_is_refused() -> None:
    book = told((PERSON, "x" * (10 * 2**20)))
    with pytest.raises(ExportTooLarge) as refused:
        export_book(book, format_named("txt"))
    assert refused.value.size > refused.value.limit


def test_a_format_is_found_by_its_extension_alone() -> None:
    assert format_named("epub").label == "E-book"
    with pytest.raises(UnknownFormat):
        format_named("pdf")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The Lantern in the Fog", "the-lantern-in-the-fog.txt"),
        ("Ada's Café", "adas-cafe.txt"),
        ("../../etc/passwd", "etc-passwd.txt"),
        ("C:\\Windows\\nul", "c-windows-nul.txt"),
        ("NUL", "story-nul.txt"),
        ("Com1", "story-com1.txt"),
        ("灯笼", "灯笼.txt"),
        ("Ночь в лесу", "ночь-в-лесу.txt"),
        ("कहानी: रात", "कहानी-रात.txt"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u062e.txt"),
        ("\uff36\uff29", "vi.txt"),
        ("🦇🌃", "story.txt"),
        ("", "story.txt"),
        ("word " * 40, "-".join(["word"] * 12) + ".txt"),
        ("x" * 200, "x" * NAME_LENGTH + ".txt"),
        ("photo.txt\u202egpj.exe", "photo-txtgpj-exe.txt"),
    ],
)
def test_a_files_name_comes_from_the_title(title: str, name: str) -> None:
    assert file_name(title, "txt") == name


@given(st.one_of(st.text(), hostile_text(), st.sampled_from(sorted(DEVICES))))
def test_a_files_name_is_safe_on_every_system(title: str) -> None:
    name, dot, ending = file_name(title, "epub").rpartition(".")
    assert (dot, ending) == (".", "epub")
    assert 0 < len(name) <= NAME_LENGTH + len("story-")
    assert all(sign == "-" or sign.isalnum() or unicodedata.category(sign)[0] == "M" for sign in name)
    assert len(f"{name}.epub".encode()) <= 255
    assert name not in DEVICES
    assert name[0] != "-" != name[-1]


@given(st.text(st.characters()))
def test_printable_text_has_nothing_that_xml_forbids_or_that_turns_the_reading_direction(text: str) -> None:
    left = printable(text)
    assert all(
        (sign == "\n" or unicodedata.category(sign) != "Cc")
        and unicodedata.category(sign) != "Cs"
        and ord(sign) & 0xFFFE != 0xFFFE
        and unicodedata.bidirectional(sign) not in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        for sign in left
    )
    assert printable(left) == left


@given(st.integers(0, 0xFFFFFF), st.sampled_from([0xFFFFFF, 0xFBF8F2, 0x16171A]))
def test_ink_of_any_colour_can_be_read_on_its_paper(colour: int, paper: int) -> None:
    chosen = int(ink(colour, paper).removeprefix("#"), 16)
    assert contrast(chosen, paper) >= INK_CONTRAST
    if contrast(colour, paper) >= INK_CONTRAST:
        assert chosen == colour


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(0x000000, 0xFFFFFF) == pytest.approx(21)
    assert contrast(0x777777, 0xFFFFFF) == pytest.approx(4.478, abs=0.001)  # the well-known grey just below 4.5


def test_the_licence_is_the_checkpoints_own_and_a_missing_checkpoint_has_none(tmp_path: object) -> None:
    assert Licences("builtin").by_model() == {read_info("builtin").name: "CC BY-SA 4.0"}
    assert Licences(f"{tmp_path}/nowhere").by_model() == {}


def test_a_story_told_together_names_everybody_who_told_it() -> None:
    tree = passages(
        (PERSON, "She went down."), (PERSON, "He followed."), (MODEL, " It was dark."), (PERSON, "She ran.")
    )
    tree = [replace(one, user_id=user_id) for one, user_id in zip(tree, (1, 2, 1, 3), strict=True)]
    edition = replace(EDITION, author="", told_together=True, names={1: "Ada", 2: "Bob \u202e"})
    book = make_book(replace(STORY, head_id=tree[-1].id, owner_id=0), tree, edition)
    lines = credit_lines(book, mark="in bold")
    assert lines[0] == "Told together by Ada (1 passage), Bob (1 passage) and somebody without a name here (1 passage)."
    assert "What people wrote is in bold; all else is the model's." in lines
    people = make_book(replace(STORY, head_id=tree[1].id, owner_id=0), tree[:2], edition)
    assert credit_lines(people)[-1] == "Written by people; no model has added to it."
