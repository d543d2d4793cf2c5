"""Text that a person, a model or a wiki may send: cleaned, split and shown whatever it is."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from bot.exports.file_name import NAME_LENGTH, file_name
from bot.playground.terminal.harmless import harmless
from bot.playground.terminal.markdown import styled
from bot.text import clipped, escaped, pages, tail
from storygen.genre import ORIGINAL_GENRES
from storygen.polish import polish, sentence_ends
from storygen.prompt import CONTROL_TOKENS, clean_text
from tests.e2e.reading import plain
from training.collect.wikitext import plain_text
from training.prepare.cleaning import clean

TOKENS = (*CONTROL_TOKENS, *(genre.token for genre in ORIGINAL_GENRES))
TOKEN_PARTS = ["<", ">", "|", "/", " ", "\n", "\x00", "\u200b", "B", "BOS", "eos", "S>", "<B", "drama",
               "\uff1c", "\uff1e", "\U0001d401"]  # fmt: skip
MARKS = ["*", "**", "_", "__", "~~", "||", "`", "\\", "<", ">", "[", "](", ")", "http://a.b", "@everyone", "<@1>",
         "<t:9", "9", "\n", "# ", "- ", "> ", " ", "a", "\x1b[2J", "\x9b", "\r", "!", ".", "\u3002", '"',
         "\u202e"]  # fmt: skip
WIKI = ["{{", "}}", "[[", "]]", "{|", "|}", "|", "<ref>", "</ref>", "<!--", "-->", "''", "'''", "<br>", "<p>", "*",
        ":", "=", "&lt;", "&#0;", "\x00", "\x01", "\n", "http://a", "[", "]", "File:", "__TOC__", "a", " "]  # fmt: skip


def made_of(parts: list[str], longest: int = 40) -> st.SearchStrategy[str]:
    """Give texts of these parts and of anything."""
    return st.lists(st.sampled_from(parts) | st.text(max_size=3), max_size=longest).map("".join)


@given(made_of([*TOKENS, *TOKEN_PARTS]))
@example("<" + " " * 5_000)
@example("<b" + " " * 5_000)
@example("<BO" * 1_000 + "S>" * 1_000)
@example("\uff1c\uff22\uff2f\uff33\uff1e")
@example("<\U0001d401O\u017f>")
@example("\n " * 5_000 + "x")
def test_a_cleaned_prompt_has_no_control_token_in_any_form(text: str) -> None:
    cleaned = clean_text(text, ORIGINAL_GENRES)
    folded = re.sub(r"[\s|/]", "", unicodedata.normalize("NFKC", cleaned)).casefold()
    assert [token for token in TOKENS if re.sub(r"[|]", "", token).casefold() in folded] == []
    assert clean_text(cleaned, ORIGINAL_GENRES) == cleaned
    assert [sign for sign in cleaned if unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t"] == []


@given(made_of([*MARKS, "A word. ", "One! "]), st.integers(2, 60))
@example("!" * 20_000 + "a", 100)
@example("." * 20_000 + "a", 100)
@example('!"' * 10_000 + "a", 100)
@example("\u30020*", 2)
def test_pages_keep_every_word_and_their_length(text: str, limit: int) -> None:
    found = list(pages(text, limit))
    assert all(0 < len(page) <= limit for page in found)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert len(clipped(text, limit)) <= limit
    assert len(tail(text, limit)) <= limit


@given(made_of(MARKS))
@example("https://" * 1_000)
@example("\\" * 4_000)
@example("http://a.b\\.")
@example("http://a.b**`")
def test_escaped_text_mentions_nobody_and_is_shown_to_the_letter(text: str) -> None:
    shown = escaped(text)
    assert not re.search(r"(?<!\\)<[@#:t/]|@(?:everyone|here)\b", shown)
    if not re.search(r"http\S*\*\*", text):  # plain() knows no addresses, inside of which signs are no marks
        assert plain(shown) == text


@given(made_of(MARKS))
@example("**" + "\\a" * 500)
@example("**" + "\\" * 501)
@example("*_" * 1_000 + "a" + "_*" * 1_000)
@example("<t:99999999999999999999>")
@example("<t:" + "9" * 5_000 + "><@" + "9" * 5_000 + ">")
@example("[a](https://a.b/\x1b]8;;x\x07)")
def test_a_terminal_is_not_obeyed_and_markdown_always_drawn(text: str) -> None:
    drawn = styled(text, {})
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", harmless(drawn.plain))
    links = [span.style.link for span in drawn.spans if not isinstance(span.style, str) and span.style.link]
    assert not re.search("[\x00-\x1f\x7f-\x9f]", "".join(links))


@given(made_of(MARKS))
@example("!" * 20_000 + "a")
def test_polished_text_is_text(text: str) -> None:
    polished = polish(text)
    assert polish(polished) == polished
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", polished)
    assert all(0 < end <= len(text) for end in sentence_ends(text))


@given(made_of(["/", "\\", "..", ".", "~", "con", "nul", ":", "\x00", "\n", "a", "'", "%2e", "\u202e", "\uff0f"]))
def test_a_files_name_is_never_a_path(title: str) -> None:
    name = file_name(title, "txt")
    assert len(name) <= NAME_LENGTH + len("story-") + len(".txt")
    assert re.fullmatch(r"[\w-]+\.txt", "".join(sign for sign in name if unicodedata.category(sign)[0] != "M"))


@given(made_of(WIKI))
@example("{{a|" * 60)
@example("<ref>" * 60)
def test_wikitext_becomes_text_without_marks(text: str) -> None:
    found = plain_text(text)
    assert not re.search(r"\[\[|\]\]|\{\{|\}\}|<!--|'''|[\x00\x01]", found)
    assert not re.search(r"\n\s*\n", found)


@given(made_of([*WIKI, *TOKEN_PARTS, *TOKENS, "[1]", "[citation needed]"]))
@example(" " * 20_000 + "x")
def test_text_to_train_on_has_no_control_token(text: str) -> None:
    cleaned = clean(text)
    assert clean_text(cleaned, ORIGINAL_GENRES) == cleaned
