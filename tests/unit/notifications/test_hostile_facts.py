"""Names that others chose can only be read: in subjects, texts, pages, text messages and pushes."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage as MimeMessage
from email.policy import SMTP
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.examples import example_facts
from cardwright.notifications.rendering import Letter, render_letter, render_notice, render_sms
from cardwright.notifications.speech import LANGUAGES, Speech, speech_of

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENGLISH = speech_of("en", None)
BRAND = Brand("Northwind")
DIRECTIONS = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u200e\u200f\u061c"}
ISOLATES = str.maketrans("", "", "\u2068\u2069\u2060")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "Shop\r\nBcc: everybody@example.com",
    "gnp.\u202eexe",
    "\u2067hidden\u2066",
    "{{ 7 * 7 }}{% raw %}",
    "%(money)s %s %n",
    "https://evil.example/login",
    "www.evil.example",
    "call me@evil.example",
    "متجر\u200f <b>",
]


class Seen(HTMLParser):
    """The tags, the addresses and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = dict(attrs)
        self.links |= {str(given[name]) for name in ("href", "src", "action", "background") if name in given}
        assert not any(name.startswith("on") for name in given)

    def handle_data(self, data: str) -> None:
        self.text += data


def facts_with(event_type: str, hostile: str) -> dict[str, Any]:
    facts = example_facts(CATALOGUE[event_type], AT)
    named = ("merchant_name", "device", "provider", "explanation", "would_pass", "case_id", "reason_code")
    return facts | {name: hostile for name in named if name in facts}


def letter_with(event_type: str, hostile: str, speech: Speech = ENGLISH, brand: Brand = BRAND) -> Letter:
    facts = facts_with(event_type, hostile)
    template = CATALOGUE[event_type].template
    return render_letter(template, facts, brand=brand, speech=speech, links=Links("https://app.example/a"))


WITH_NAMES = [
    "payments.authorization_declined",
    "authentication.signed_in_from_new_device",
    "authentication.identity_linked",
    "disputes.deadline_near",
    "cases.assigned_case_overdue",
    "funding.top_up_failed",
]
KNOWN_TAGS = Seen(letter_with("payments.authorization_declined", "Shop").html).tags


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("event_type", WITH_NAMES)
def test_a_hostile_name_becomes_neither_markup_nor_a_link_nor_another_header(
    event_type: str, hostile: str
) -> None:
    for language in LANGUAGES:
        letter = letter_with(event_type, hostile, speech_of(language, None))
        page = Seen(letter.html)
        assert page.tags <= KNOWN_TAGS
        assert page.links == {"https://app.example/a"}
        assert "evil.example" not in letter.text + page.text
        assert "://evil" not in letter.text + page.text
        assert "@evil" not in letter.text + page.text
        mime = MimeMessage(policy=SMTP)
        mime["Subject"] = letter.subject
        assert mime.keys() == ["Subject"]
        assert b"\r\nBcc" not in mime.as_bytes()


@given(st.text(max_size=80))
def test_no_name_whatever_brings_a_tag_a_link_or_a_mark_that_turns_lines(name: str) -> None:
    letter = letter_with("payments.authorization_declined", name)
    page = Seen(letter.html)
    assert page.tags <= KNOWN_TAGS
    assert page.links == {"https://app.example/a"}
    assert "\n" not in letter.subject
    assert not DIRECTIONS & {*letter.subject, *letter.text, *page.text}
    for text in (letter.subject, letter.text):
        assert text.count("\u2068") == text.count("\u2069")


@given(st.text(max_size=80))
def test_a_hostile_brand_is_read_as_text_too(name: str) -> None:
    letter = letter_with("funding.top_up_failed", "x", brand=Brand(name))
    assert Seen(letter.html).tags <= KNOWN_TAGS
    assert "\n" not in letter.subject


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_text_message_makes_no_link_of_a_merchant(hostile: str) -> None:
    facts = facts_with("payments.authorization_approved", hostile)
    text = render_sms("authorization_approved", facts, brand=BRAND, speech=ENGLISH)
    assert "\n" not in text
    assert not any(link in text for link in ("evil.example", "://", "@evil"))
    assert not DIRECTIONS & {*text}


def test_a_merchant_cannot_break_lines_nor_turn_a_push_around() -> None:
    facts = facts_with("payments.authorization_approved", "Evil\r\nBcc: x\u202egnp.exe\x00\u2028Co")
    notice = render_notice("authorization_approved", facts, speech=ENGLISH)
    assert notice.title == "€42.90 at Evil Bcc: xgnp.exe Co"


def test_a_name_looks_as_it_was_but_for_marks_that_nobody_sees() -> None:
    letter = letter_with("payments.authorization_approved", "Amazon.com Mktp")
    assert "Amazon.com Mktp" not in letter.text
    assert "Amazon.com Mktp" in letter.text.translate(ISOLATES)


@pytest.mark.parametrize(("language", "name"), [("ar", "Blue Bottle"), ("en", "مقهى النيل")])
def test_a_name_in_the_other_direction_is_kept_to_itself(language: str, name: str) -> None:
    facts = facts_with("payments.authorization_approved", name)
    speech = speech_of(language, None)
    assert f"\u2068{name}\u2069" in render_notice("authorization_approved", facts, speech=speech).title


def test_codes_and_links_stay_free_of_marks_so_that_they_can_be_copied() -> None:
    for event_type, told in (
        ("authentication.verification_requested", "    049713\n"),
        ("authentication.password_reset_issued", "\nhttps://example.com/not-a-real-link\n"),
    ):
        assert told in letter_with(event_type, "x", speech_of("ar", None)).text


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//evil.example", "data:text/html,x", "app.example", ""]
)
def test_a_button_leads_to_web_addresses_only(link: str) -> None:
    with pytest.raises(ValueError, match="absolute web address"):
        Links(action=link)


@pytest.mark.parametrize("language", [*LANGUAGES])
def test_text_and_page_of_an_e_mail_tell_the_same(language: str) -> None:
    links = Links("https://app.example/a", "https://app.example/u", "https://app.example/p")
    for entry in CATALOGUE.values():
        facts = example_facts(entry, AT)
        letter = render_letter(
            entry.template, facts, brand=BRAND, speech=speech_of(language, None), links=links
        )
        page = Seen(letter.html)
        shown = " ".join(page.text.split()) + " ".join(page.links)
        for line in letter.text.splitlines():
            # Labels and their values stand in cells of their own on the page.
            for part in re.split(r": |:$", line.strip("- ")):
                assert " ".join(part.split()) in shown, (entry.event_type, part)
