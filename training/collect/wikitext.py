"""Turn wikitext into plain text: paragraphs that a story is made of, without templates, notes, tables and files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from training.errors import TrainingError

if TYPE_CHECKING:
    from mwparserfromhell.nodes import Node, Tag, Template, Wikilink
    from mwparserfromhell.wikicode import Wikicode

MISSING = "Collecting from a wiki needs mwparserfromhell: pip install 'storybot[collect]'."

# What stands in these tags is no running text.
_LEFT_OUT = frozenset(
    {
        "chem",
        "gallery",
        "hr",
        "imagemap",
        "math",
        "noinclude",
        "ref",
        "references",
        "score",
        "script",
        "source",
        "style",
        "syntaxhighlight",
        "table",
        "templatedata",
        "timeline",
    }
)
_LIST_ITEMS = frozenset({"li", "dd", "dt"})
_PARAGRAPHS = frozenset({"p", "div", "blockquote", "poem", "ul", "ol", "dl", "center", "section"})

# Templates that stand for a mark, and those that show one of their arguments; every other one says nothing in a story.
_MARKS = {
    "'": "'",
    "'s": "'s",
    "`": "'",
    "-": "",
    "nbsp": " ",
    "spaces": " ",
    "space": " ",
    "ndash": "\u2013",
    "mdash": "\u2014",
    "endash": "\u2013",
    "emdash": "\u2014",
    "spaced ndash": " \u2013 ",
    "spnd": " \u2013 ",
    "snd": " \u2013 ",
    "spaced mdash": " \u2014 ",
    "em dash": "\u2014",
    "en dash": "\u2013",
    "ellipsis": "...",
    "...": "...",
    "sic": "",
    "paragraph break": "\n\n",
    "pb": "\n\n",
    "break": "\n",
    "br": "\n",
}
_SHOWN_ARGUMENT = {
    "lang": 2,
    "transliteration": 2,
    "nihongo": 1,
    "nihongo krt": 1,
    "nowrap": 1,
    "nobr": 1,
    "abbr": 1,
    "tooltip": 1,
    "small": 1,
    "smaller": 1,
    "sup": 1,
    "sub": 1,
    "em": 1,
    "strong": 1,
    "not a typo": 1,
    "as written": 1,
    "ill": 1,
    "interlanguage link": 1,
    "linktext": 1,
    "visible anchor": 1,
    "vanchor": 1,
    "quote": 1,
    "blockquote": 1,
    "cquote": 1,
    "poemquote": 1,
    "convert": 1,
    "circa": 1,
    "number": 1,
    "formatnum": 1,
    "linkinterwiki": 1,
    "smallcaps": 1,
    "noitalic": 1,
    "italics": 1,
    "underline": 1,
    "color": 2,
}

_NAMESPACE_LINK = re.compile(
    r"\s*(?:file|image|media|category|datei|fichier|[a-z]{2,3}(?:-[a-z]+)?)\s*:", re.IGNORECASE
)
_SWITCH = re.compile(r"__[A-Z]{3,}__")
_TABLE_LINE = re.compile(r"^[ \t]*(?:\{\||[|!]).*$", re.MULTILINE)
_LEFT_OVER_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>|</?ref.*$", re.MULTILINE | re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_QUOTES = re.compile(r"'{2,}")
_BRACKETS = re.compile(r"\[\[|\]\]|\{\{|\}\}|\{\||\|\}")
_EMPTY_PARENTHESES = re.compile(r"[ \t]*\(\s*(?:[;,:\u2013-]\s*)*\)")
_OPENING = re.compile(r"\(\s*[;,]\s*")
_SPACE_BEFORE_STOP = re.compile(r"[ \t]+([,.;!?])")
_SPACES = re.compile(r"[^\S\n]+")
_LINE_MARK = re.compile(r"^(?:[*#:;]\s*)+")
_NEXT_PARAGRAPH = re.compile(r"\n\s*\n")
# Two marks that outlive the joining of a paragraph's lines: a break (<br>, a block), and an item up to its line's end.
_BREAK = "\x00"
_ITEM = "\x01"
_OWN_MARKS = re.compile(f"[{_BREAK}{_ITEM}]")
_WHOLE_ITEM = re.compile(f"{_ITEM}([^\n{_ITEM}]*)")


def parse(text: str) -> Wikicode:
    """Parse wikitext. Raises TrainingError where the parser, an extra, is not installed."""
    try:
        import mwparserfromhell
    except ModuleNotFoundError as error:
        raise TrainingError(MISSING) from error
    return mwparserfromhell.parse(_OWN_MARKS.sub("", text))


def plain_text(text: str | Wikicode) -> str:
    """Give what a reader of the wiki would read as running text, one line break between paragraphs."""
    code = parse(text) if isinstance(text, str) else text
    return _paragraphs(_rest_of_markup_removed(_shown(code)))


def _shown(code: Wikicode | None) -> str:
    return "" if code is None else "".join(_shown_node(node) for node in code.nodes)


def _shown_node(node: Node) -> str:
    from mwparserfromhell import nodes

    match node:
        case nodes.Text():
            shown = str(node.value)
        case nodes.Wikilink():
            shown = _shown_link(node)
        case nodes.Tag():
            shown = _shown_tag(node)
        case nodes.Template():
            shown = _shown_template(node)
        case nodes.ExternalLink():
            shown = _shown(node.title)
        case nodes.HTMLEntity():
            shown = _OWN_MARKS.sub("", node.normalize() or "")
        case _:  # comments, headings, and the arguments that only templates have
            shown = ""
    return shown


def _shown_link(link: Wikilink) -> str:
    title = str(link.title)
    if _NAMESPACE_LINK.match(title):
        return ""
    return _shown(link.text) if link.text is not None else title.strip().removeprefix(":").split("#")[0]


def _shown_tag(tag: Tag) -> str:
    name = str(tag.tag).strip().lower()
    if name in _LEFT_OUT:
        return ""
    if name == "br":
        return _BREAK
    if name in _LIST_ITEMS:
        return _ITEM + _shown(tag.contents)
    if name in _PARAGRAPHS:
        return f"{_BREAK}{_shown(tag.contents)}{_BREAK}"
    return _shown(tag.contents)


def _shown_template(template: Template) -> str:
    name = _template_name(template)
    if name in _MARKS:
        return _MARKS[name]
    if name.startswith("lang-"):
        return _argument(template, 1)
    if name == "convert":
        return f"{_argument(template, 1)} {_argument(template, 2)}"
    return _argument(template, _SHOWN_ARGUMENT[name]) if name in _SHOWN_ARGUMENT else ""


def _template_name(template: Template) -> str:
    return " ".join(str(template.name).replace("_", " ").split()).lower()


def _argument(template: Template, number: int) -> str:
    key = str(number)
    return _shown(template.get(key).value).strip() if template.has(key) else ""


def _rest_of_markup_removed(text: str) -> str:
    """Take away what the parser took for text: tables, tags and brackets that were never closed."""
    return _until_stable(text, _less_markup)


def _less_markup(text: str) -> str:
    text = _LEFT_OVER_TAG.sub("", _TABLE_LINE.sub("", _SWITCH.sub("", _COMMENT.sub("", text))))
    return _BRACKETS.sub("", _QUOTES.sub("", text))


def _until_stable(text: str, less: Callable[[str], str]) -> str:
    """Repeat, as taking one mark away can make another out of its neighbours: ``[{{[``."""
    while (shorter := less(text)) != text:
        text = shorter
    return text


def _paragraphs(text: str) -> str:
    text = _WHOLE_ITEM.sub(rf"{_BREAK}\1{_BREAK}", text).replace(_BREAK, "\n\n")
    paragraphs = (_until_stable(part, _tidied) for part in _NEXT_PARAGRAPH.split(text))
    return "\n".join(paragraph for paragraph in paragraphs if re.search(r"\w", paragraph))


def _tidied(paragraph: str) -> str:
    text = " ".join(_LINE_MARK.sub("", line.strip()) for line in _less_markup(paragraph).splitlines())
    text = _OPENING.sub("(", _EMPTY_PARENTHESES.sub("", _SPACES.sub(" ", text)))
    return _SPACE_BEFORE_STOP.sub(r"\1", text).strip()
