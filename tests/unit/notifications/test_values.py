"""Amounts, days, times and text messages as each language and country writes them."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardwright.core.money import EXPONENTS, MAX_MINOR_UNITS, decimal_text
from cardwright.notifications.brand import Brand, contrast
from cardwright.notifications.catalogue import CATALOGUE
from cardwright.notifications.examples import example_facts
from cardwright.notifications.facts import Teller
from cardwright.notifications.rendering import render_sms
from cardwright.notifications.speech import LANGUAGES, speech_of
from cardwright.notifications.text_messages import is_gsm, segments_of

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MARKS = str.maketrans({"\u2068": "", "\u2069": "", "\u200f": "", "\u200e": "", "\u00a0": " ", "\u202f": " "})


def plain(text: str) -> str:
    return text.translate(MARKS)


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "told"),
    [
        ("en-US", 123456, "USD", "$1,234.56"),
        ("en-GB", 123456, "USD", "US$1,234.56"),
        ("de", 123456, "EUR", "1.234,56 €"),
        ("de-CH", 123456, "CHF", "CHF 1'234.56"),
        ("fr", 123456, "EUR", "1 234,56 €"),
        ("es", 123456, "EUR", "1.234,56 €"),
        ("ar", 123456, "EUR", "1,234.56 €"),
        ("en", 300, "JPY", "¥300"),
        ("en", 5, "KWD", "KWD 0.005"),
        ("de", -99, "EUR", "-0,99 €"),
        ("en", 12345, "UYW", "UYW 1.2345"),
    ],
)
def test_an_amount_is_written_as_the_country_does(locale: str, amount: int, currency: str, told: str) -> None:
    assert plain(Teller(speech_of(locale, None), "notice").money(amount, currency)) == told


@given(
    st.sampled_from([*LANGUAGES, "de-CH", "es-MX", "ar-EG", "en-IN"]),
    st.integers(-MAX_MINOR_UNITS, MAX_MINOR_UNITS),
    st.sampled_from(sorted(EXPONENTS)),
)
def test_no_amount_loses_a_digit_whatever_the_language_usually_rounds(
    locale: str, amount: int, currency: str
) -> None:
    told = Teller(speech_of(locale, None), "notice").money(amount, currency)
    digits = "".join(re.findall(r"[0-9]", told))
    exact = decimal_text(abs(amount), currency).replace(".", "")
    assert digits == exact
    assert Decimal(digits).scaleb(-EXPONENTS[currency]) == Decimal(abs(amount)).scaleb(-EXPONENTS[currency])
    assert ("-" in told or "\u2212" in told) is (amount < 0)


@pytest.mark.parametrize(
    ("locale", "zone", "told"),
    [
        ("en-US", "America/New_York", "November 23, 2026, 7:00 AM GMT-5"),
        ("en-GB", "Europe/London", "23 November 2026, 12:00 GMT"),
        ("de", "Europe/Berlin", "23. November 2026, 13:00 GMT+1"),
        ("fr", "Europe/Paris", "23 novembre 2026, 13:00 UTC+1"),
        ("es", "America/Mexico_City", "23 de noviembre de 2026, 6:00 GMT-6"),
        ("en", "Asia/Kolkata", "November 23, 2026, 5:30 PM GMT+5:30"),
        ("ar", "Asia/Dubai", "23 نوفمبر 2026، 4:00 م غرينتش+4"),
    ],
)
def test_an_instant_is_told_in_the_zone_and_the_words_of_the_person(
    locale: str, zone: str, told: str
) -> None:
    assert plain(Teller(speech_of(locale, zone), "notice").when("2026-11-23T12:00:00+00:00")) == told


def test_a_day_is_the_same_day_in_every_zone() -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert Teller(speech_of("de", zone), "notice").when("2026-12-01") == "1. Dezember 2026"


MOST = {True: 1, False: 2}
NEED_MORE = {
    ("cases.question_asked", "ar"): "two answers with their code, beside amount, merchant and card",
}
"""Text messages that cost another segment than one of 160 GSM letters, or two of 70 others, and why."""


def test_only_these_text_messages_need_another_segment() -> None:
    found = {}
    for entry in CATALOGUE.values():
        if "sms" not in entry.channels:
            continue
        for language in LANGUAGES:
            facts = example_facts(entry, AT)
            text = render_sms(
                entry.template, facts, brand=Brand("Cardwright"), speech=speech_of(language, None)
            )
            if segments_of(text) > MOST[is_gsm(text)]:
                found[entry.event_type, language] = text
    assert found.keys() == NEED_MORE.keys(), found


@pytest.mark.parametrize("language", [it for it in LANGUAGES if it != "ar"])
def test_text_messages_in_latin_letters_stay_within_the_alphabet_that_costs_least(language: str) -> None:
    for entry in CATALOGUE.values():
        facts = example_facts(entry, AT) | {"merchant_name": "Café \u2013 “Ñandú” ŁÓDŹ"}
        text = render_sms(entry.template, facts, brand=Brand("Cardwright"), speech=speech_of(language, None))
        assert is_gsm(text), text


@given(st.text(max_size=400))
def test_no_name_makes_a_text_message_longer_than_three_segments(name: str) -> None:
    facts = example_facts(CATALOGUE["cases.question_asked"], AT) | {"merchant_name": name}
    for language in LANGUAGES:
        text = render_sms("question_asked", facts, brand=Brand(name), speech=speech_of(language, None))
        assert segments_of(text) <= 3
        assert text.count("4821") == 2


@given(st.integers(0, 0xFFFFFF))
def test_the_button_can_be_read_on_every_brand_color(color: int) -> None:
    brand = Brand("A", f"#{color:06x}")
    assert contrast(brand.text_color, brand.shown_color) >= 4.1
