from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.collect.wikitext import plain_text
from training.errors import TrainingError


@pytest.mark.parametrize(
    ("wikitext", "text"),
    [
        ("'''Bold''' and ''slanted''", "Bold and slanted"),
        ("The [[Robert Smith|thief]] and [[Ada]].", "The thief and Ada."),
        ("See [[:Category:Foo]] [[Category:Bar]]now", "See Category:Foo now"),
        ("A [[File:a.png|thumb|with [[link]]]]door [[Image:b.png]]opens [[fr:Porte]]", "A door opens"),
        ("He runs.<ref>p. {{cite|1}}</ref> She<ref name=x /> waits.", "He runs. She waits."),
        ("He {{citation needed|date=May}}, alone", "He, alone"),
        ("Ada ({{IPA|x}}; {{nope}}) runs", "Ada runs"),
        ("Ada ({{nope}}, the smith) runs", "Ada (the smith) runs"),
        ("{{lang|fr|le roi}} {{nihongo|the blade|x|y}} {{nowrap|Mr. X}}", "le roi the blade Mr. X"),
        ("{{convert|5|km|mi}} away{{spaced ndash}}far", "5 km away \u2013 far"),
        ("a{{snd}}b&nbsp;c &mdash; d &#33;", "a \u2013 b c \u2014 d!"),
        ("[https://x.org the site] and https://y.org [https://z.org]", "the site and"),
        ("one\ntwo\n\nthree", "one two\nthree"),
        ("First:\n* one\n* two\nAfter", "First:\none\ntwo\nAfter"),
        ("# one\n#two\n:three", "one\ntwo\nthree"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("one<br />two", "one\ntwo"),
        ("<blockquote>Run!</blockquote>She ran.", "Run!\nShe ran."),
        ('Before\n{| class="x"\n! A\n|-\n| b\n|}\nAfter', "Before\nAfter"),
        ("<gallery>\nA.png|b\n</gallery><math>x^2</math>Text", "Text"),
        ("a <!-- b --> c", "a c"),
        ("<nowiki>[[x]]</nowiki> &#91;&#91;y]]", "x y"),
        ("__NOTOC__\nText {{{1|argument}}}", "Text"),
        ("He {{never closed and [[neither this", "He never closed and neither this"),
        ("He <ref name=x>never closed", "He never closed"),
        ("<ref", ""),
        ("a {[[{ b", "a b"),
        ("a {(){ b", "a b"),
        ("I <3 you, 1 < 2", "I <3 you, 1 < 2"),
        ("<small>tiny</small> <span style='x'>word</span>", "tiny word"),
        ("{{Infobox}}\n\n[[File:x.png]]\n\n.", ""),
        ("\x00\x01Odd", "Odd"),
    ],
)
def test_running_text_stays_and_everything_else_goes(wikitext: str, text: str) -> None:
    assert plain_text(wikitext) == text


_BRACKETS = ("{", "{{", "}}", "[", "[[", "]]", "(", ")", "{|", "|}", "|", "[[File:", "{{lang|fr|", "{{snd}}", "__A")
_TAGS = ("<", "<ref", "<ref>", "</ref>", "<REF name=a/>", "<!--", "-->", "<nowiki>", "</nowiki>", "<br>", "<li>", "<b>")
_REST = (
    "''",
    "\n",
    "* ",
    "&#91;",
    "&#123;",
    "&lt;",
    "&#0;",
    "&#60;ref",
    "a",
    " ",
    ";",
    "=",
    "== P ==",
    "\x00",
    "http://",
)
_PIECES = st.sampled_from([*_BRACKETS, *_TAGS, *_REST])


@given(st.lists(_PIECES, max_size=30).map("".join) | st.text(alphabet="{}[]<>|ref/'\n ();,a&#91", max_size=60))
def test_no_markup_is_left_whatever_the_wikitext(wikitext: str) -> None:
    text = plain_text(wikitext)
    assert not any(mark in text.lower() for mark in ("{{", "[[", "<ref", "}}", "]]", "\x00", "\x01"))
    assert text == text.strip()
    assert "\n\n" not in text


@given(st.lists(st.from_regex(r"[A-Z][a-z]{1,8}( [a-z]{1,8}){1,6}\.", fullmatch=True), min_size=1, max_size=5))
def test_plain_paragraphs_come_through_unchanged(paragraphs: list[str]) -> None:
    assert plain_text("\n\n".join(paragraphs)) == "\n".join(paragraphs)


def test_a_missing_parser_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mwparserfromhell", None)
    with pytest.raises(TrainingError, match=r"needs mwparserfromhell: pip install"):
        plain_text("x")
