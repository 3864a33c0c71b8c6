"""Texts of a form as HTML: Markdown or HTML that the author wrote, with values in it that others wrote.

Values are escaped before they enter the text, and the result is sanitised: neither brings in scripts, styles or frames.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import nh3
from markdown_it import MarkdownIt

from forms.templates import Evaluator, Template

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl", "dt", "em",
    "h2", "h3", "h4", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "small", "span",
    "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "*": {"lang"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}


def from_markdown(template: Template, scope: Evaluator, polish: Callable[[str], str] = str) -> str:
    """A Markdown text as sanitised HTML. Titles start at level 2: the page has its own level 1."""
    written = template.render(scope, escape_markdown)
    tokens = _MARKDOWN.parse(written)
    for inline in (child for token in tokens for child in token.children or []):
        if inline.type == "text":
            inline.content = polish(inline.content)
    return sanitise(_lower_titles(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})))


def from_html(template: Template, scope: Evaluator) -> str:
    """An HTML text, sanitised."""
    return sanitise(_lower_titles(template.render(scope, html.escape)))


def sanitise(content: str) -> str:
    """HTML with nothing but prose in it."""
    return nh3.clean(content, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")


def escape_markdown(value: str) -> str:
    """A value that shows as itself in Markdown; line ends stay, without opening a block."""
    lines = (_PUNCTUATION.sub(r"\\\1", line.strip()) for line in value.splitlines())
    return "\\\n".join(line for line in lines if line)


def _lower_titles(content: str) -> str:
    return re.sub(r"<(/?)h1\b", r"<\1h2", content)
