"""Text to tokens, in one linear pass, within limits on length and number."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cardwright.rules.language.diagnostics import ExpressionError, Span, diagnose

MAX_SOURCE_CHARACTERS: Final = 20_000
MAX_TOKENS: Final = 2_000
MAX_INTEGER: Final = 2**63 - 1

_PATTERN: Final = re.compile(
    r"""
      (?P<blank>[ \t\r\n]+|//[^\r\n]*)
    | (?P<decimal>[0-9]+\.[0-9]+)
    | (?P<integer>[0-9]+)
    | (?P<raw>[rR](?:"[^"\r\n]*"|'[^'\r\n]*'))
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<text>"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\\\r\n]|\\[^\r\n])*')
    | (?P<symbol>&&|\|\||==|!=|<=|>=|[<>!+\-*/%()\[\],.?:])
    """,
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
# Neither UTF-8 nor a PostgreSQL text can hold half a surrogate pair or a zero character.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_SIMPLE_ESCAPES: Final = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "r": "\r", "t": "\t"}
_INTENDED_SYMBOLS: Final = {"&": "&&", "|": "||", "=": "=="}


class TokenKind(StrEnum):
    """The kinds of token; `END` closes every token sequence."""

    INTEGER = "integer"
    TEXT = "text"
    NAME = "name"
    SYMBOL = "symbol"
    END = "end"


class DecimalFound(ExpressionError):
    """A number with a point, `written` at `span`; whoever knows the fields can say better what is meant."""

    def __init__(self, source: str, span: Span) -> None:
        message = "only whole numbers exist here; amounts are in minor units, 12.50 USD is 1250"
        super().__init__(diagnose(source, span, message))
        self.span = span
        self.written = source[span.start : span.end]


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is what was written, except for a quoted text, where it is the text meant."""

    kind: TokenKind
    text: str
    span: Span


def tokenise(source: str) -> tuple[Token, ...]:
    """Split `source` into tokens, the last of kind END; raise ExpressionError at the first fault."""
    _ensure_short(source)
    _ensure_storable(source, source)
    tokens: list[Token] = []
    offset = 0
    while offset < len(source):
        match = _PATTERN.match(source, offset)
        if match is None:
            raise _unreadable(source, offset)
        offset = match.end()
        if match.lastgroup == "blank":
            continue
        tokens.append(_token(source, match, is_negative=_is_sign(tokens)))
        if len(tokens) > MAX_TOKENS:
            raise ExpressionError(
                diagnose(source, tokens[-1].span, f"the expression has more than {MAX_TOKENS} tokens")
            )
    tokens.append(Token(TokenKind.END, "", Span(offset, offset)))
    return tuple(tokens)


def _ensure_short(source: str) -> None:
    if len(source) > MAX_SOURCE_CHARACTERS:
        span = Span(MAX_SOURCE_CHARACTERS, MAX_SOURCE_CHARACTERS + 1)
        message = f"the expression is longer than {MAX_SOURCE_CHARACTERS} characters"
        raise ExpressionError(diagnose(source, span, message))


def _is_sign(tokens: list[Token]) -> bool:
    # A minus after a number, a name or a bracket subtracts; after anything else, or nothing, it is a sign.
    if not tokens or tokens[-1].kind is not TokenKind.SYMBOL or tokens[-1].text != "-":
        return False
    before = tokens[-2] if len(tokens) > 1 else None
    return before is None or (before.kind is TokenKind.SYMBOL and before.text not in {")", "]"})


def _token(source: str, match: re.Match[str], *, is_negative: bool) -> Token:
    span, written = Span(match.start(), match.end()), match.group()
    match match.lastgroup:
        case "text":
            return Token(TokenKind.TEXT, _unescape(source, span), span)
        case "raw":
            return Token(TokenKind.TEXT, written[2:-1], span)
        case "decimal":
            raise DecimalFound(source, span)
        case "integer":
            # Length first: Python refuses to convert thousands of digits with an error of its own.
            if len(written) > len(str(MAX_INTEGER)) or int(written) > MAX_INTEGER:
                bound = f"less than -{MAX_INTEGER}" if is_negative else f"greater than {MAX_INTEGER}"
                raise ExpressionError(diagnose(source, span, f"the number is {bound}"))
            return Token(TokenKind.INTEGER, written, span)
        case "name":
            return Token(TokenKind.NAME, written, span)
        case _:
            return Token(TokenKind.SYMBOL, written, span)


def _unescape(source: str, span: Span) -> str:
    def replace(match: re.Match[str]) -> str:
        here = Span(inner + match.start(), inner + match.end())
        if match[1]:
            character = chr(int(match[1], 16))
            _ensure_storable(character, source, here)
            return character
        if match[2] not in _SIMPLE_ESCAPES:
            message = "unknown escape; use one of \\\\ \\\" \\' \\n \\r \\t \\uXXXX"
            raise ExpressionError(diagnose(source, here, message))
        return _SIMPLE_ESCAPES[match[2]]

    inner = span.start + 1
    return _ESCAPE.sub(replace, source[inner : span.end - 1])


def _ensure_storable(text: str, source: str, span: Span | None = None) -> None:
    match = _UNSTORABLE.search(text)
    if match:
        message = f"U+{ord(match.group()):04X} cannot be part of a text"
        raise ExpressionError(diagnose(source, span or Span(match.start(), match.end()), message))


def _unreadable(source: str, offset: int) -> ExpressionError:
    char, span = source[offset], Span(offset, offset + 1)
    if char in "\"'":
        return ExpressionError(diagnose(source, span, "the text that starts here has no closing quote"))
    suggestion = _INTENDED_SYMBOLS.get(char)
    return ExpressionError(diagnose(source, span, f"unexpected character {char!r}", suggestion))
