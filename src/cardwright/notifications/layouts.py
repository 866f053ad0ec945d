"""What an e-mail of each layout shows besides its words: an amount, a code, details, a button, a footer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.facts import Teller
from cardwright.notifications.words import marked


@dataclass(frozen=True, slots=True)
class Layout:
    """The looks of a kind of message; `rows` are the facts it lists, each with its label."""

    name: str
    rows: Mapping[str, str]
    label: str | None = None
    action: str | None = None
    tells_amount: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The words of one e-mail, in plain text."""

    heading: str
    paragraphs: tuple[str, ...]
    action: str | None


_CARD: Final = {"card_number": marked("Card")}
_WHEN: Final = {"when": marked("Date")}
_DEADLINE: Final = {"deadline": marked("Until")}
_PURCHASE: Final = {"merchant": marked("Merchant"), **_CARD, **_WHEN}

LAYOUTS: Final[Mapping[str, Layout]] = {
    layout.name: layout
    for layout in (
        Layout("message", {**_CARD, **_WHEN}, action=marked("Open %(brand)s")),
        Layout("money", {**_PURCHASE, **_DEADLINE}, action=marked("See the payment"), tells_amount=True),
        Layout("attention", {**_PURCHASE, **_DEADLINE}, action=marked("See the payment"), tells_amount=True),
        Layout("decline", _PURCHASE, action=marked("See what you can do"), tells_amount=True),
        Layout(
            "security",
            {**_WHEN, "device": marked("Device"), "provider": marked("Provider"), **_CARD, **_DEADLINE},
            label=marked("Security notice"),
            action=marked("This was not me"),
        ),
        Layout("code", {}, label=marked("Confirmation code")),
        Layout(
            "identity", _DEADLINE, label=marked("Identity verification"), action=marked("Open verification")
        ),
        Layout(
            "dispute",
            {"merchant": marked("Merchant"), **_WHEN, **_DEADLINE},
            label=marked("Dispute"),
            action=marked("Open the dispute"),
            tells_amount=True,
        ),
    )
}

_FOOTER: Final = marked("You get this message because this address is used with %(brand)s.")
_IS_REAL: Final = marked("We never ask for your password, your card number or a code by e-mail or phone.")
_PREFERENCES: Final = marked("Choose your notifications")
_UNSUBSCRIBE: Final = marked("Unsubscribe")
_WHY: Final = marked("Why")
_HINT: Final = marked("What you can do")
_RAW_LINK: Final = marked("If the button does not work, open this address:")


def page_values(
    page: Page, layout: Layout, told: Mapping[str, Any], *, brand: Brand, teller: Teller, links: Links
) -> dict[str, Any]:
    """Return the variables of a layout; what a message does not have is None or empty."""
    said, speech = teller.said, teller.speech
    name = str(told["brand"])
    link = told.get("link")
    action = page.action or (said(layout.action, brand=name) if layout.action else None)
    return {
        "language": str(speech.locale).replace("_", "-"),
        "direction": "rtl" if speech.is_right_to_left else "ltr",
        "start": "right" if speech.is_right_to_left else "left",
        "end": "left" if speech.is_right_to_left else "right",
        "brand": name,
        "initial": next((letter for letter in brand.name if letter.isalnum()), "").upper(),
        "brand_color": brand.shown_color,
        "on_brand": brand.text_color,
        "label": said(layout.label) if layout.label else None,
        "heading": page.heading,
        "paragraphs": page.paragraphs,
        "amount": told.get("money") if layout.tells_amount else None,
        "code": told.get("code") if layout.name == "code" else None,
        "notes": _notes(told, teller) if layout.name == "decline" else [],
        "rows": [(said(label), told[fact]) for fact, label in layout.rows.items() if told.get(fact)],
        "action": action if links.action or link else None,
        "action_link": link or links.action,
        "raw_link": link,
        "raw_link_label": said(_RAW_LINK),
        "footer": [said(_FOOTER, brand=name), said(_IS_REAL)],
        "choices": _choices(links, teller),
    }


def _notes(told: Mapping[str, Any], teller: Teller) -> list[tuple[str, str]]:
    noted = {"why": _WHY, "hint": _HINT}
    return [(teller.said(label), told[fact]) for fact, label in noted.items() if fact in told]


def _choices(links: Links, teller: Teller) -> list[tuple[str, str]]:
    offered = ((_PREFERENCES, links.preferences), (_UNSUBSCRIBE, links.unsubscribe))
    return [(teller.said(label), link) for label, link in offered if link is not None]
