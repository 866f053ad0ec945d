"""From what an event kept to what a template says: amounts, days and names, written for one person."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from babel.dates import format_date, format_time, get_datetime_format
from babel.numbers import parse_pattern
from babel.support import NullTranslations

from cardwright.core.money import EXPONENTS
from cardwright.notifications.inert import cleaned, isolated, shortened, spelled_out, unlinked
from cardwright.notifications.reasons import (
    CLOSINGS,
    DECLINES,
    HINTS,
    OTHER_DECLINE,
    PROPOSALS,
    REASONS,
    REPLIES,
)
from cardwright.notifications.speech import Speech
from cardwright.notifications.words import SOURCE, translations_of

Medium: TypeAlias = Literal["notice", "sms", "letter"]
_LONGEST_NAME: Final[Mapping[Medium, int]] = {"notice": 40, "sms": 22, "letter": 60}
_LONGEST_BRAND: Final[Mapping[Medium, int]] = {"notice": 40, "sms": 20, "letter": 60}
_LONGEST_SENTENCE: Final = 160
# CLDR asks for a space between the letters of a code and the amount, which Babel leaves out: USD 12.50.
_CODE_BEFORE_DIGITS: Final = re.compile(r"([^\W\d_])(?=\d)")
_DEADLINES: Final = ("until", "answer_by", "submit_by")
_NAMES: Final = ("device", "provider", "case_id", "review_id", "url")


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes values for one person in one medium."""

    speech: Speech
    medium: Medium

    @property
    def words(self) -> NullTranslations:
        """The catalogue of the person's language."""
        return translations_of(self.speech.language)

    def money(self, amount: int, currency: str) -> str:
        """Return an amount of minor units as the person's country writes it, to its last digit."""
        exponent = EXPONENTS[currency]
        pattern = parse_pattern(self.speech.locale.currency_formats["standard"].pattern)
        pattern.frac_prec = (exponent, exponent)
        value = Decimal(amount).scaleb(-exponent)
        written = pattern.apply(value, self.speech.locale, currency=currency, currency_digits=False)
        return self._isolated(_CODE_BEFORE_DIGITS.sub("\\1\u00a0", written))

    def when(self, told: str, length: Literal["long", "medium"] = "long") -> str:
        """Return a day, or an instant in the person's time zone, from its ISO 8601 form."""
        locale = self.speech.locale
        if "T" not in told:
            return self._isolated(format_date(date.fromisoformat(told), length, locale=locale))
        at = datetime.fromisoformat(told).astimezone(self.speech.time_zone)
        clock = format_time(at, "short", tzinfo=self.speech.time_zone, locale=locale)
        time = f"{clock} {self._offset(at)}"
        pattern = str(get_datetime_format(length, locale=locale)).replace("'", "")
        day = format_date(at.date(), length, locale=locale)
        return self._isolated(pattern.replace("{0}", time).replace("{1}", day))

    def name(self, told: str, limit: int | None = None) -> str:
        """Return what somebody else called something: short, inert, and kept to itself."""
        text = shortened(cleaned(told), limit or _LONGEST_NAME[self.medium])
        if self.medium == "sms":
            text = spelled_out(text)
        elif self.medium == "letter":
            text = unlinked(text)
        return self._isolated(text)

    def brand(self, told: str) -> str:
        """Return the program's name, which is trusted to name its own site."""
        return self._isolated(shortened(cleaned(told), _LONGEST_BRAND[self.medium]))

    def said(self, text: str, **values: str) -> str:
        """Return a sentence of ours in the person's language."""
        return str(self.words.gettext(text)) % values if values else str(self.words.gettext(text))

    def coded(self, table: Mapping[str, str], code: str) -> str:
        """Return the sentence for a code; of one that we have no words for, the code's own words."""
        if code in table:
            return self.said(table[code])
        return self.name(code.replace("_", " "), 80) + "."

    def _offset(self, at: datetime) -> str:
        # GMT, GMT+1, GMT+5:30: every locale has it, while names of zones are long and known to few.
        minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
        hours, rest = divmod(abs(minutes), 60)
        sign = "-" if minutes < 0 else "+"
        offset = f"{sign}{hours}" + (f":{rest:02}" if rest else "")
        return str(self.speech.locale.zone_formats["gmt"]) % (offset if minutes else "")

    def _isolated(self, text: str) -> str:
        return isolated(text, is_right_to_left=self.speech.is_right_to_left)


def told(facts: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
    """Return the variables of a template; what the facts do not bring is not among them."""
    given = {name: cleaned(value) if isinstance(value, str) else value for name, value in facts.items()}
    return {
        **given,
        **{name: teller.name(given[name]) for name in _NAMES if name in given},
        **_amounts(given, teller),
        **_places(given, teller),
        **_times(given, teller),
        **_sentences(given, teller),
        **(_decline(given, teller) if "explanation" in given or "reason_code" in given else {}),
    }


def _amounts(given: Mapping[str, Any], teller: Teller) -> dict[str, str]:
    if "currency" not in given:
        return {}
    named = {"money": "amount", "returned": "returned"}
    return {
        told: teller.money(given[fact], given["currency"]) for told, fact in named.items() if fact in given
    }


def _places(given: Mapping[str, Any], teller: Teller) -> dict[str, str]:
    places = {"at_merchant": teller.said("at a merchant"), "ending": ""}
    if "merchant_name" in given:
        places["merchant"] = teller.name(given["merchant_name"])
        places["at_merchant"] = teller.said("at %(merchant)s", merchant=places["merchant"])
    if "last4" in given:
        # With the blank before it, so that a card whose number is not known leaves none behind.
        places["ending"] = " " + teller.said("ending %(last4)s", last4=teller.name(given["last4"]))
        places["card_number"] = teller.name(f"•••• {given['last4']}")
    return places


def _times(given: Mapping[str, Any], teller: Teller) -> dict[str, Any]:
    deadline = next((given[name] for name in _DEADLINES if name in given), None)
    times: dict[str, Any] = {} if deadline is None else {"deadline": teller.when(deadline)}
    if "happened_at" in given:
        times["when"] = teller.when(given["happened_at"], "medium")
    if "exp_month" in given:
        times["expiry"] = teller.name(f"{given['exp_month']:02}/{given['exp_year']}")
    if "minutes_left" in given:
        times["minutes_left"] = max(1, given["minutes_left"])
    return times


def _sentences(given: Mapping[str, Any], teller: Teller) -> dict[str, str]:
    tables = {
        "reason_code": ("reason", REASONS),
        "loss_reason": ("reason", REASONS),
        "reason": ("reason", CLOSINGS),
        "outcome": ("reply", REPLIES),
    }
    sentences = {
        told: teller.coded(table, given[fact]) for fact, (told, table) in tables.items() if fact in given
    }
    if given.get("kind") in PROPOSALS:
        sentences["proposal"] = teller.said(PROPOSALS[given["kind"]])
    return sentences


def _decline(given: Mapping[str, Any], teller: Teller) -> dict[str, str]:
    """Return why and what to do: in the decision's own words, which are English, or by its code."""
    code: str | None = given.get("reason_code")
    is_english = teller.speech.language == SOURCE
    if is_english and "explanation" in given:
        own = {"why": given["explanation"], "hint": given.get("would_pass")}
        return {name: teller.name(text, _LONGEST_SENTENCE) for name, text in own.items() if text}
    spoken = {"why": teller.said(DECLINES.get(code or "", OTHER_DECLINE))}
    return spoken | ({"hint": teller.said(HINTS[code])} if code is not None and code in HINTS else {})
