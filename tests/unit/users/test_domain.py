"""What a profile may say."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cardwright.core.countries import COUNTRIES
from cardwright.core.errors import Invalid
from cardwright.users.domain import Address, ProfileDetails, ensure_details

TODAY = date(2026, 11, 23)
HOME = Address("12 St James's Square", "London", "SW1Y 4JH", "GB")
ADA = ProfileDetails("Ada Lovelace", date(1985, 12, 10), "en-GB", "Europe/London", "+442071234567", HOME)


@pytest.mark.parametrize(
    "details",
    [
        ADA,
        replace(ADA, phone=None, address=None),
        replace(ADA, full_name="Đặng Thị Ngọc Thịnh"),
        replace(ADA, full_name="नि\u200cखिल"),
        replace(ADA, full_name="李"),
        replace(ADA, locale="de"),
        replace(ADA, locale="zh-Hant-TW"),
        replace(ADA, locale="es-419"),
        replace(ADA, time_zone="UTC"),
        replace(ADA, time_zone="America/Argentina/Buenos_Aires"),
        replace(ADA, date_of_birth=date(2026, 11, 22)),
    ],
)
def test_what_can_be_true_is_accepted(details: ProfileDetails) -> None:
    assert ensure_details(details, today=TODAY) == details


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", " Ada"),
        ("full_name", "Ada\nLovelace"),
        ("full_name", "Ada\x00"),
        ("full_name", "Ada\u2028Lovelace"),
        ("full_name", "\u202eecalevoL"),
        ("full_name", "A" * 101),
        ("phone", "02071234567"),
        ("phone", "+0123456789"),
        ("phone", "+1 555 123 4567"),
        ("phone", "+1234567890123456"),
        ("phone", "+15551234567\n"),
        ("phone", "+١٥٥٥١٢٣٤٥٦٧"),
        ("locale", "english"),
        ("locale", "EN"),
        ("locale", "en_GB"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "localtime"),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "europe/london"),
        ("date_of_birth", TODAY),
        ("date_of_birth", date(1899, 12, 31)),
    ],
)
def test_what_cannot_be_true_is_refused_and_named(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as caught:
        ensure_details(replace(ADA, **{field: value}), today=TODAY)
    assert (caught.value.code, caught.value.details["field"]) == ("profile_invalid", field)


@pytest.mark.parametrize(
    ("field", "value"),
    [("line1", ""), ("city", "Lon\rdon"), ("postal_code", "\t"), ("country", "UK"), ("country", "gb")],
)
def test_an_address_is_checked_too(field: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        ensure_details(replace(ADA, address=replace(HOME, **{field: value})), today=TODAY)
    assert caught.value.details["field"] == f"address/{field}"


def test_there_are_as_many_countries_as_the_standard_has() -> None:
    assert len(COUNTRIES - {"XK"}) == 249
    assert {"DE", "GB", "TL", "SS", "AX"} <= COUNTRIES
    assert not {"UK", "EU", "XX", "AN"} & COUNTRIES
