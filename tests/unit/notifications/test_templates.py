"""Every entry of the catalogue renders in every language on all channels, whatever the event brings along."""

from datetime import UTC, datetime

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from cardwright.cases.replying import Outcome
from cardwright.core.errors import Invalid
from cardwright.notifications import rendering
from cardwright.notifications.brand import Brand, Links
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.examples import example_facts
from cardwright.notifications.rendering import Letter, render_letter, render_notice, render_sms
from cardwright.notifications.speech import LANGUAGES, Speech, speech_of
from cardwright.notifications.text_messages import segments_of

BRAND = Brand("Fish & Chips Program")
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENGLISH = speech_of("en", "UTC")
LINK = "https://example.com/not-a-real-link"
CODES = {"verification_code", "email_change_code", "phone_code"}
SPEECHES = [pytest.param(speech_of(language, "Europe/Berlin"), id=language) for language in LANGUAGES]
BY_TEXT = [pytest.param(it, id=it.event_type) for it in CATALOGUE.values() if "sms" in it.channels]
in_every_language = pytest.mark.parametrize("speech", SPEECHES)


def in_full_and_at_least(entry: Entry) -> list[dict[str, object]]:
    full = example_facts(entry, AT)
    secrets = {name: full[name] for name in ("code", "link", "minutes_left", "reply_code") if name in full}
    return [full, {name: full[name] for name in entry.required} | secrets]


def letter_of(template: str, facts: dict[str, object], speech: Speech = ENGLISH) -> Letter:
    return render_letter(template, facts, brand=BRAND, speech=speech, links=Links())


@in_every_language
def test_every_entry_has_a_title_and_a_body_without_any_code(speech: Speech) -> None:
    for entry in CATALOGUE.values():
        for facts in in_full_and_at_least(entry):
            notice = render_notice(entry.template, facts, speech=speech)
            assert 0 < len(notice.title) <= 110, entry.event_type
            assert 0 < len(notice.body) <= 300, entry.event_type
            assert "\n" not in notice.title + notice.body
            assert "049713" not in notice.title + notice.body
            assert "4821" not in notice.title + notice.body
            assert "%(" not in notice.title + notice.body


@in_every_language
def test_every_entry_has_a_letter_in_both_forms_that_say_the_same(speech: Speech) -> None:
    for entry in CATALOGUE.values():
        for facts in in_full_and_at_least(entry):
            letter = letter_of(entry.template, facts, speech)
            assert letter.subject
            assert "\n" not in letter.subject
            assert "Fish &amp; Chips Program" in letter.html
            assert "{{" not in letter.html + letter.text
            assert "%(" not in letter.html + letter.text
            assert (LINK in letter.text) is ("link" in facts)
            assert (LINK in letter.html) is ("link" in facts)
            tells_code = entry.carries in CODES
            assert ("049713" in letter.text, "049713" in letter.html) == (tells_code, tells_code)


@in_every_language
@pytest.mark.parametrize("entry", BY_TEXT)
def test_every_text_message_is_told_in_its_few_segments(entry: Entry, speech: Speech) -> None:
    for facts in in_full_and_at_least(entry):
        text = render_sms(entry.template, facts, brand=BRAND, speech=speech)
        assert text
        assert not text.endswith("...")
        assert ("049713" in text) is (entry.carries == "phone_code")
        assert text.count("4821") == (2 if entry.takes_reply else 0)


def test_a_text_message_tells_a_decline_in_the_words_of_the_push_and_not_by_its_code() -> None:
    entry = CATALOGUE["payments.authorization_declined"]
    facts = example_facts(entry, AT) | {"explanation": "The monthly limit of this card is used up."}
    text = render_sms(entry.template, facts, brand=BRAND, speech=ENGLISH)
    push = render_notice(entry.template, facts, speech=ENGLISH).body
    assert all("The monthly limit of this card is used up." in told for told in (text, push))
    assert "exceeded" not in text


def test_why_a_payment_was_declined_is_left_out_rather_than_paid_as_another_segment() -> None:
    entry = CATALOGUE["payments.authorization_declined"]
    facts = example_facts(entry, AT) | {"explanation": "Because " + "of something " * 9}
    text = render_sms(entry.template, facts, brand=BRAND, speech=ENGLISH)
    assert segments_of(text) == 1
    assert text.endswith("declined, card ending 4242.")


def test_outside_of_english_a_decline_is_told_by_its_code_and_not_in_english() -> None:
    entry = CATALOGUE["payments.authorization_declined"]
    facts = example_facts(entry, AT)
    body = render_notice(entry.template, facts, speech=speech_of("de", None)).body
    assert "Ein Limit der Karte würde überschritten." in body
    assert "limit of 500" not in body
    unknown = render_notice(entry.template, facts | {"reason_code": "own_rule"}, speech=speech_of("de", None))
    assert "Die Regeln Ihrer Karte lassen diese Zahlung nicht zu." in unknown.body


@in_every_language
@pytest.mark.parametrize("entry", BY_TEXT)
def test_even_the_longest_names_and_amounts_leave_what_matters_in_a_text_message(
    entry: Entry, speech: Speech
) -> None:
    facts = example_facts(entry, AT)
    facts |= {
        name: value
        for name, value in (("merchant_name", "M" * 300), ("reason_code", "r" * 90), ("amount", 10**15))
        if name in facts
    }
    text = render_sms(entry.template, facts, brand=Brand("B" * 90), speech=speech)
    assert segments_of(text) <= 3
    assert ("4242" in text) is ("last4" in facts)
    assert ("049713" in text) is (entry.carries == "phone_code")
    assert text.count("4821") == (2 if entry.takes_reply else 0)


@in_every_language
def test_every_outcome_of_a_reply_has_words_of_its_own(speech: Speech) -> None:
    told = {
        render_sms("reply_received", {"outcome": it}, brand=Brand("B" * 90), speech=speech) for it in Outcome
    }
    assert len(told) == len(Outcome)
    assert not any(text.endswith("...") for text in told)


def test_a_letter_that_tells_a_code_cannot_be_written_without_it() -> None:
    with pytest.raises(UndefinedError):
        letter_of("verification_requested", {"verification_id": "verif_1"})


@pytest.mark.parametrize(
    ("language", "minutes", "told"),
    [
        ("en", 0, "valid for one minute"),
        ("en", 9, "valid for 9 minutes"),
        ("fr", 1, "valable une minute"),
        ("fr", 10, "valable 10 minutes"),
        ("es", 1, "durante un minuto"),
        ("es", 10, "durante 10 minutos"),
        ("de", 2, "Gültig: 2 Minuten"),
        ("ar", 1, "دقيقة واحدة"),
        ("ar", 2, "دقيقتين"),
        ("ar", 3, "3 دقائق"),
        ("ar", 11, "11 دقيقة"),
        ("ar", 100, "100 دقيقة"),
    ],
)
def test_minutes_are_counted_as_the_language_counts(language: str, minutes: int, told: str) -> None:
    facts = {"code": "049713", "minutes_left": minutes}
    assert told in letter_of("verification_requested", facts, speech_of(language, None)).text


def test_what_an_event_brings_is_text_and_neither_markup_nor_a_template() -> None:
    hostile = {"reason_code": "<img src=x onerror=alert(1)>{{ 7 * 7 }}"}
    letter = render_letter(
        "top_up_failed", hostile, brand=Brand("<b>Bank</b>"), speech=ENGLISH, links=Links()
    )
    assert "<img" not in letter.html
    assert "<b>" not in letter.html
    assert "&lt;img src=x" in letter.html
    assert "{{ 7 * 7 }}" in letter.text


def test_templates_run_in_a_sandbox() -> None:
    template = rendering._words("en").from_string("{{ text.__class__.__mro__ }}")
    with pytest.raises(SecurityError):
        template.render(text="")


def test_only_the_fields_a_template_tells_are_kept_of_an_event() -> None:
    payload = {"card_id": "card_1", "last4": "4242", "replacement_reason": "expiring", "cvc": "never told"}
    facts = CATALOGUE["cards.card_issued"].facts_of(payload)
    assert facts == {"card_id": "card_1", "last4": "4242", "replacement_reason": "expiring"}


def test_an_event_that_lacks_what_its_template_tells_is_refused() -> None:
    with pytest.raises(Invalid, match="lacks amount, currency"):
        CATALOGUE["funding.top_up_succeeded"].facts_of({"user_id": "user_1"})
