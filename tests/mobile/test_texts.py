"""What the app says: the same things in each language, amounts and days as people write them."""

import doctest
import importlib
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("language", ["de", "ar"])
def test_every_language_says_everything_with_the_same_facts(language: str) -> None:
    from cardwright_mobile.text import LANGUAGES

    def facts(text: str) -> list[str]:
        return sorted(re.findall(r"{(\w+)", text))

    english, other = LANGUAGES["en"], LANGUAGES[language]
    assert set(other) == set(english)
    assert {name: facts(text) for name, text in other.items()} == {
        name: facts(text) for name, text in english.items()
    }


def test_a_word_that_the_app_is_too_old_for_stands_for_itself() -> None:
    from cardwright_mobile.text import Words

    assert Words("de").of("status", "under_review") == "under review"
    assert Words("fr").language == "en"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        (123456, "USD", "en", "$1,234.56"),
        (-5, "EUR", "de", "\N{MINUS SIGN}0,05\u00a0€"),
        (1200, "JPY", "en", "¥1,200"),
        (1234, "KWD", "en", "KWD\u00a01.234"),
        (100, "USD", "ar", "\u2066$1.00\u2069"),
        (10**18, "USD", "en", "$10,000,000,000,000,000.00"),
    ],
)
def test_amounts_are_written_with_the_currencys_digits(
    amount: int, currency: str, language: str, shown: str
) -> None:
    from cardwright_mobile.text.money import money

    assert money(amount, currency, language) == shown


def test_days_are_those_of_where_somebody_lives() -> None:
    from cardwright_mobile.text import Words
    from cardwright_mobile.text.dates import day_name, day_text, hour_text, zone_named

    english, zone = Words("en"), zone_named("America/New_York")
    assert zone == ZoneInfo("America/New_York")
    assert zone_named("Nowhere/At_All") is None
    late = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    assert day_name(late, NOW, zone, english) == "Yesterday"
    assert hour_text(late, zone, english) == "22:00"
    assert day_name(NOW - timedelta(days=400), NOW, zone, english) == "19 October 2025"
    assert day_text(date(2026, 3, 9), Words("de")) == "9. März"


def test_sentences_of_the_server_are_told_with_amounts_and_days_as_people_write_them() -> None:
    from cardwright_mobile.text import Words
    from cardwright_mobile.text.told import told

    zone = ZoneInfo("America/New_York")
    sentence = "140.00 USD is too much. Waiting until 2026-12-01T00:00:00-05:00 helps, or 5 CARDS."
    shown = "$140.00 is too much. Waiting until 1 December helps, or 5 CARDS."
    assert told(sentence, zone, Words("en")) == shown
    assert told(sentence, zone, Words("ar")) == f"\u2066{shown}\u2069"


async def test_choices_are_kept_on_the_device() -> None:
    from cardwright_mobile.device.storage import MemoryStorage
    from cardwright_mobile.state.choices import Choices

    storage = MemoryStorage()
    choices = Choices(storage)
    await choices.begin(["fr", "de"])
    assert (choices.language, choices.theme) == ("de", "system")
    await choices.choose(language="ar", theme="dark")
    again = Choices(storage)
    await again.begin(["en"])
    assert (again.language, again.theme, again.words.is_right_to_left) == ("ar", "dark", True)


@pytest.mark.parametrize("name", ["money", "dates", "told"])
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    module = importlib.import_module(f"cardwright_mobile.text.{name}")
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
