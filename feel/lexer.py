"""Tokens of FEEL with their positions (DMN 1.5, 10.3.1.2). A name is one word here: the parser, which knows the scope,
joins words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from feel.errors import FeelSyntaxError
from feel.limits import Limits
from feel.text import text as message
from feel.values import ARITHMETIC

TokenKind = Literal["number", "name", "string", "operator", "end"]

MAX_DIGITS = 400

# Grammar rules 27 to 31 (name characters) and 61 (white space).
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\uffff\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"

_TOKEN = re.compile(
    f"(?P<space>[{_SPACE}]+|//[^\n\r]*|/\\*.*?\\*/)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    f"|(?P<name>\\?|[{_START}][{_PART}]*)"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<operator>\*\*|\.\.|<=|>=|!=|->|.)",
    re.DOTALL,
)
_PLAIN = re.compile(f"[{_START}][{_PART}]*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


@dataclass(slots=True)
class Token:
    """A piece of an expression: `start` and `end` are characters of its text, `value` the literal it stands for."""

    kind: TokenKind
    text: str
    start: int
    end: int
    value: Decimal | str | None = None


def is_plain(name: str) -> bool:
    """Whether the name is a single word, which needs no help from the scope to be read."""
    return _PLAIN.fullmatch(name) is not None


@lru_cache(8192)
def words(name: str) -> tuple[str, ...]:
    """The texts of the tokens that spell a name."""
    return tuple(match.group() for match in _TOKEN.finditer(name) if match.lastgroup != "space")


def tokenize(text: str, limits: Limits) -> list[Token]:
    """All tokens, ended by one of kind `end`; FeelSyntaxError for what is no token or too much."""
    if len(text) > limits.length:
        raise FeelSyntaxError(message("l’expression dépasse %(size)s caractères", size=limits.length))
    tokens: list[Token] = []
    position, match_at = 0, _TOKEN.match
    while position < len(text):
        match = match_at(text, position)
        if match is None:  # the last alternative takes any character
            raise FeelSyntaxError(message("caractère inattendu"), position, text)
        if match.lastgroup != "space":
            tokens.append(_token(match, text))
            if len(tokens) > limits.tokens:
                raise FeelSyntaxError(message("l’expression est trop longue"), position, text)
        position = match.end()
    tokens.append(Token("end", "", position, position))
    return tokens


def _token(match: re.Match[str], text: str) -> Token:
    kind, piece, start, end = match.lastgroup, match.group(), match.start(), match.end()
    if kind == "name":
        return Token("name", piece, start, end)
    if kind == "number":
        return Token("number", piece, start, end, _number(piece, start, text))
    if kind == "string":
        return Token("string", piece, start, end, unescape(piece[1:-1]))
    if piece == '"':
        raise FeelSyntaxError(message("le texte entre guillemets n’est pas fermé"), start, text)
    if piece == "/" and text.startswith("/*", start):
        raise FeelSyntaxError(message("le commentaire n’est pas fermé"), start, text)
    return Token("operator", piece, start, end)


def _number(piece: str, start: int, text: str) -> Decimal:
    try:
        if len(piece) <= MAX_DIGITS:
            return ARITHMETIC.create_decimal(piece)
    except ArithmeticError:
        pass
    raise FeelSyntaxError(message("nombre hors limites"), start, text)


def unescape(string: str) -> str:
    r"""The characters of a string literal: `\n`, `\"`, `\u0041`, `\U01F600`; surrogate pairs become one character."""
    if "\\" not in string:
        return string
    string = _ESCAPE.sub(_unescaped, string)
    if any("\ud800" <= character <= "\udfff" for character in string):
        string = string.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return string


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    if match[2]:
        code = int(match[2], 16)
        return chr(code) if code < 0x110000 else match[0]
    return _ESCAPED.get(match[3], "\\" + match[3])
