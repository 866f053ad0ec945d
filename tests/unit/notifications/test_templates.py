"""Every entry of the catalogue renders on all of its channels, whatever the event brings along."""

import pytest
from jinja2 import UndefinedError
from jinja2.sandbox import SecurityError

from cardwright.cases.replying import Outcome
from cardwright.core.errors import Invalid
from cardwright.notifications import rendering
from cardwright.notifications.catalogue import CATALOGUE, Entry
from cardwright.notifications.rendering import render_letter, render_notice, render_sms

BRAND = "Fish & Chips Program"
PAYLOAD = {
    "user_id": "user_1",
    "verification_id": "verif_1",
    "payment_id": "pay_1",
    "card_id": "card_1",
    "last4": "4242",
    "amount": 1250,
    "returned": 250,
    "currency": "USD",
    "merchant_name": "Blue Bottle",
    "reason_code": "limit_exceeded",
    "what": "approval",
    "factor": "totp",
    "codes_left": 9,
    "explanation": "The monthly limit of this card is used up.",
    "reset_id": "reset_1",
    "email_change_id": "emch_1",
    "phone_verification_id": "phver_1",
    "minutes": 30,
    "until": "2026-11-23T12:15:00+00:00",
    "reason": "used_up",
    "exp_month": 3,
    "exp_year": 2029,
    "replacement_reason": "expiring",
    "challenge_id": "chal_1",
    "dispute_id": "disp_1",
    "case_id": "case_1",
    "review_id": "irev_1",
    "finding": "fraud",
    "answer_by": "2026-12-01",
    "submit_by": "2026-12-01",
    "loss_reason": "not_charged_twice",
    "invitation_id": "inv_1",
    "approval_id": "appr_1",
    "kind": "ledger.entry",
    "outcome": "nothing_asked",
    "cvc": "never told",
}
LINK = "https://cardwright.test/reset-password#reset_1.token"
SECRET = {"code": "049713", "minutes_left": 9, "link": LINK, "reply_code": "4821"}
CODES = {"verification_code", "email_change_code"}
LINKS = {"reset_link", "email_change_veto"}
ENTRIES = [pytest.param(entry, id=entry.event_type) for entry in CATALOGUE.values()]


def required_only(entry: Entry) -> dict[str, object]:
    return entry.facts_of({name: PAYLOAD[name] for name in entry.required})


def facts_in_full_and_at_least(entry: Entry) -> list[dict[str, object]]:
    return [entry.facts_of(PAYLOAD), required_only(entry)]


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_has_a_title_and_a_body_without_any_code(entry: Entry) -> None:
    for facts in facts_in_full_and_at_least(entry):
        notice = render_notice(entry.template, facts)
        assert 0 < len(notice.title) <= 80
        assert 0 < len(notice.body) <= 240
        assert "\n" not in notice.title + notice.body
        assert "049713" not in notice.title + notice.body
        assert "4821" not in notice.title + notice.body


@pytest.mark.parametrize("entry", [p for p in ENTRIES if "sms" in p.values[0].channels])
def test_every_text_message_fits_one_hundred_and_sixty_characters(entry: Entry) -> None:
    for facts in facts_in_full_and_at_least(entry):
        text = render_sms(entry.template, {**facts, **SECRET}, brand=BRAND)
        assert 0 < len(text) <= 160
        assert ("049713" in text) is (entry.carries == "phone_code")


def test_a_text_message_tells_a_decline_in_the_words_of_the_push_and_not_by_its_code() -> None:
    entry = CATALOGUE["payments.authorization_declined"]
    facts = entry.facts_of(PAYLOAD)
    text, push = render_sms(entry.template, facts, brand=BRAND), render_notice(entry.template, facts).body
    assert all(str(PAYLOAD["explanation"]) in told for told in (text, push))
    assert "limit" in text
    assert "exceeded" not in text


@pytest.mark.parametrize("entry", [p for p in ENTRIES if "sms" in p.values[0].channels])
def test_even_the_longest_names_and_amounts_leave_a_text_message_short(entry: Entry) -> None:
    longest = {**PAYLOAD, "merchant_name": "M" * 300, "reason_code": "r" * 90, "amount": 10**15}
    facts = entry.facts_of(longest)
    text = render_sms(entry.template, {**facts, **SECRET}, brand="B" * 90)
    assert len(text) <= 160
    assert ("4242" in text) is ("last4" in facts)
    assert ("049713" in text) is (entry.carries == "phone_code")
    assert ("NO 4821" in text) is entry.takes_reply


@pytest.mark.parametrize("outcome", [*Outcome])
def test_every_outcome_of_a_reply_has_words_of_its_own(outcome: Outcome) -> None:
    told = {it: render_sms("reply_received", {"outcome": it}, brand="B" * 90) for it in Outcome}
    assert 0 < len(told[outcome]) < 160
    assert not told[outcome].endswith("...")
    assert list(told.values()).count(told[outcome]) == 1


@pytest.mark.parametrize("entry", [p for p in ENTRIES if "email" in p.values[0].channels])
def test_every_letter_has_a_subject_and_both_forms(entry: Entry) -> None:
    for facts in facts_in_full_and_at_least(entry):
        letter = render_letter(entry.template, {**facts, **SECRET} if entry.carries else facts, brand=BRAND)
        assert letter.subject
        assert "\n" not in letter.subject
        assert letter.text.startswith(letter.subject)
        assert "Fish &amp; Chips Program" in letter.html
        assert "{{" not in letter.html + letter.text
        tells_code, tells_link = entry.carries in CODES, entry.carries in LINKS
        assert ("049713" in letter.text and "049713" in letter.html) is tells_code
        assert (LINK in letter.text and LINK in letter.html) is tells_link


def test_a_letter_that_tells_a_code_cannot_be_written_without_it() -> None:
    with pytest.raises(UndefinedError):
        render_letter("verification_requested", {"verification_id": "verif_1"}, brand=BRAND)


def test_a_code_that_ends_within_a_minute_is_announced_so() -> None:
    letter = render_letter("verification_requested", {"code": "049713", "minutes_left": 0}, brand=BRAND)
    assert "only for a minute" in letter.text


@pytest.mark.parametrize(
    ("amount", "currency", "told"),
    [(1250, "USD", "12.50 USD"), (300, "JPY", "300 JPY"), (5, "KWD", "0.005 KWD"), (-99, "EUR", "-0.99 EUR")],
)
def test_amounts_are_told_with_the_decimal_places_of_their_currency(
    amount: int, currency: str, told: str
) -> None:
    entry = CATALOGUE["funding.top_up_succeeded"]
    facts = entry.facts_of({"amount": amount, "currency": currency})
    assert told in render_notice(entry.template, facts).body
    assert told in render_letter(entry.template, facts, brand=BRAND).html


def test_a_merchant_cannot_break_lines_nor_turn_the_text_around() -> None:
    entry = CATALOGUE["payments.authorization_approved"]
    facts = entry.facts_of({**PAYLOAD, "merchant_name": "Evil\r\nBcc: x\u202egnp.exe\x00\u2028Co"})
    notice = render_notice(entry.template, facts)
    assert notice.title == "12.50 USD at Evil Bcc: xgnp.exe Co"


def test_what_an_event_brings_is_text_and_neither_markup_nor_a_template() -> None:
    hostile = {"reason_code": "<img src=x onerror=alert(1)>{{ 7 * 7 }}"}
    letter = render_letter("top_up_failed", hostile, brand="<b>Bank</b>")
    assert "<img" not in letter.html
    assert "<b>" not in letter.html
    assert "&lt;img src=x" in letter.html
    assert "{{ 7 * 7 }}" in letter.text


def test_templates_run_in_a_sandbox() -> None:
    template = rendering._environment.from_string("{{ text.__class__.__mro__ }}")
    with pytest.raises(SecurityError):
        template.render(text="")


def test_only_the_fields_a_template_tells_are_kept_of_an_event() -> None:
    facts = CATALOGUE["cards.card_issued"].facts_of(PAYLOAD)
    assert facts == {"card_id": "card_1", "last4": "4242", "replacement_reason": "expiring"}


def test_an_event_that_lacks_what_its_template_tells_is_refused() -> None:
    with pytest.raises(Invalid, match="lacks amount, currency"):
        CATALOGUE["funding.top_up_succeeded"].facts_of({"user_id": "user_1"})
