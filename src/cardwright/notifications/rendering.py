"""Texts from templates: one file per kind of message, sandboxed, escaped where they become HTML.

A file has the blocks `title` and `body` (in-app and push), and `sms`, `email` and `highlight` where its
channels need them. The e-mail's blocks are plain text with an empty line between paragraphs; one shared
layout makes the HTML, so no message can forget to escape.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import PackageLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cardwright.core.money import Money
from cardwright.notifications.speech import Speech

SMS_LIMIT_CHARACTERS: Final = 160
_LANGUAGE: Final = "en"
_CUT: Final = "..."


@dataclass(frozen=True, slots=True)
class Brand:
    """Whose message it is: the program's name, and its colour as #rrggbb where it has one."""

    name: str
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Where a message leads, each an absolute address: what to do about it, and what to get in future.

    Raises ValueError for whatever is no web address.
    """

    action: str | None = None
    unsubscribe: str | None = None
    preferences: str | None = None

    def __post_init__(self) -> None:
        for link in (self.action, self.unsubscribe, self.preferences):
            if link is not None and not link.startswith(("https://", "http://")):
                raise ValueError("A link of a message is an absolute web address.")


@dataclass(frozen=True, slots=True)
class Notice:
    """The short form, for lists and push messages."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail's subject and its two forms."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def render_notice(template: str, facts: Mapping[str, Any], *, speech: Speech) -> Notice:
    """Render the short form; jinja2's UndefinedError when a fact is missing."""
    return Notice(_block(template, "title", facts), _block(template, "body", facts))


def render_sms(template: str, facts: Mapping[str, Any], *, brand: Brand, speech: Speech) -> str:
    """Render a text message of at most 160 characters."""
    return _short(_block(template, "sms", {**facts, "brand": brand.name}), SMS_LIMIT_CHARACTERS)


def render_letter(
    template: str, facts: Mapping[str, Any], *, brand: Brand, speech: Speech, links: Links
) -> Letter:
    """Render an e-mail as text and as HTML."""
    told = {**facts, "brand": brand.name}
    title = _block(template, "title", told)
    parts = {
        "brand": brand.name,
        "title": title,
        "paragraphs": [part for part in _block(template, "email", told).split("\n\n") if part],
        "highlight": _block(template, "highlight", told) if _has(template, "highlight") else None,
    }
    text = _environment.get_template("email.txt.j2").render(parts)
    html = _environment.get_template("email.html.j2").render(parts)
    return Letter(title, text, html)


def _template(name: str) -> Template:
    return _environment.get_template(f"{_LANGUAGE}/{name}.j2")


def _has(name: str, block: str) -> bool:
    return block in _template(name).blocks


def _block(name: str, block: str, facts: Mapping[str, Any]) -> str:
    template = _template(name)
    return "".join(template.blocks[block](template.new_context(dict(facts)))).strip()


def _one_line(value: Any) -> Any:
    # Merchants name themselves: no line break may reach a header, no invisible mark may turn the text around.
    if not isinstance(value, str):
        return value
    return "".join(character for character in " ".join(value.split()) if character.isprintable())


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - len(_CUT)].rstrip() + _CUT


def _words(code: str) -> str:
    return code.replace("_", " ")


def _money(amount: int, currency: str) -> str:
    return str(Money(amount, currency))


def _make_environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader("cardwright.notifications"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        finalize=_one_line,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"short": _short, "words": _words}
    environment.globals["money"] = _money
    return environment


_environment: Final = _make_environment()
