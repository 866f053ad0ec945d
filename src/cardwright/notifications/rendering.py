"""Texts from templates: one file per kind of message, sandboxed, in the words of the person's language.

A file has the blocks `title` and `body` (in-app, push, and an e-mail's first paragraph), and what a channel
needs besides: `lead` in place of the body in e-mails, `more` for their further paragraphs with an empty line
between them, `heading` beside an amount, `action` for the button, `sms`, and `layout` for the looks. All of
them make plain text; the layouts alone make HTML, so no message can forget to escape.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, cast

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cardwright.notifications import text_messages
from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.facts import Medium, Teller, told
from cardwright.notifications.layouts import LAYOUTS, Page, page_values
from cardwright.notifications.speech import Language, Speech
from cardwright.notifications.words import marked, translations_of

TEST_MARK: Final = marked("Test: nothing of this happened")
_DETAIL: Final = "why"


@dataclass(frozen=True, slots=True)
class Notice:
    """The short form, for lists and push messages."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Letter:
    """An e-mail's subject and its two forms, which say the same."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


def render_notice(template: str, facts: Mapping[str, Any], *, speech: Speech) -> Notice:
    """Render the short form; jinja2's UndefinedError when a fact is missing."""
    message = _Message.of(template, facts, speech, "notice", Brand(""))
    return Notice(message.block("title"), message.block("body"))


def render_sms(template: str, facts: Mapping[str, Any], *, brand: Brand, speech: Speech) -> str:
    """Render a text message; why a payment was declined is left out where it would cost a segment more."""
    message = _Message.of(template, facts, speech, "sms", brand)
    text = text_messages.plainer(_sms(message))
    if text_messages.segments_of(text) > 1 and _DETAIL in message.values:
        values = {name: value for name, value in message.values.items() if name != _DETAIL}
        text = text_messages.plainer(_sms(_Message(message.template, values)))
    return text_messages.fitting(text)


def render_letter(
    template: str,
    facts: Mapping[str, Any],
    *,
    brand: Brand,
    speech: Speech,
    links: Links,
    is_test: bool = False,
) -> Letter:
    """Render an e-mail as text and as HTML. `link` among the facts is where its button leads."""
    message = _Message.of(template, facts, speech, "letter", brand)
    subject = _Message.of(template, facts, speech, "notice", brand).block("title")
    layout = LAYOUTS[message.block("layout")]
    page = Page(
        heading=message.block("heading", "title"),
        paragraphs=(message.block("lead", "body"), *message.paragraphs("more")),
        action=message.block("action") if "action" in message.template.blocks else None,
    )
    values = page_values(
        page, layout, message.values, brand=brand, teller=Teller(speech, "letter"), links=links
    )
    text, html = _layout("letter.txt.j2"), _layout(f"{layout.name}.html.j2")
    values["mark"] = Teller(speech, "letter").said(TEST_MARK) if is_test else None
    values["subject"] = message.block("title")
    subject = f"[{values['mark']}] {subject}" if is_test else subject
    return Letter(subject, text.render(values).strip() + "\n", html.render(values))


@dataclass(frozen=True, slots=True)
class _Message:
    """A template in one language, and what it tells."""

    template: Template
    values: Mapping[str, Any]

    @classmethod
    def of(
        cls, name: str, facts: Mapping[str, Any], speech: Speech, medium: Medium, brand: Brand
    ) -> "_Message":
        teller = Teller(speech, medium)
        values = told(facts, teller) | {"brand": teller.brand(brand.name)}
        return cls(_words(speech.language).get_template(f"messages/{name}.j2"), values)

    def block(self, *names: str) -> str:
        """Return the text of the first of these blocks that the template has."""
        name = next(name for name in names if name in self.template.blocks)
        context = self.template.new_context(dict(self.values))
        return "".join(self.template.blocks[name](context)).strip()

    def paragraphs(self, name: str) -> tuple[str, ...]:
        """Return the paragraphs of a block that it may have."""
        if name not in self.template.blocks:
            return ()
        return tuple(part.strip() for part in self.block(name).split("\n") if part.strip())


def _sms(message: _Message) -> str:
    if "sms" in message.template.blocks:
        return message.block("sms")
    return f"{message.values['brand']}: {message.block('title')}. {message.block('body')}"


def _layout(name: str) -> Template:
    return _layouts.get_template(f"layouts/{name}")


@cache
def _words(language: Language) -> Environment:
    environment = _environment(extensions=["jinja2.ext.i18n"])
    catalog = translations_of(language)
    install = cast(
        "Callable[..., None]",
        environment.install_gettext_callables,  # type: ignore[attr-defined] # the extension brings it
    )
    install(catalog.gettext, catalog.ngettext, newstyle=True)
    return environment


def _environment(**more: Any) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=PackageLoader("cardwright.notifications"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **more,
    )


_layouts: Final = _environment()
