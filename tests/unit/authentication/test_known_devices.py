"""A known device is known for one address, for a while, and cannot be made up."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Request, Response

from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.known_devices import COOKIE, LIFETIME, known_device, remember_device
from cardwright.core.sensitive import Sensitive

CODES = EmailCodes(Sensitive("a key of the tests, long enough to be one"))
OTHERS = EmailCodes(Sensitive("another key of the tests, as long as that"))
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EMAIL = "ada@example.com"


def given() -> str:
    response = Response()
    remember_device(response, CODES, EMAIL, NOW)
    return response.headers["set-cookie"]


def asking(value: str) -> Request:
    return Request({"type": "http", "headers": [(b"cookie", f"{COOKIE}={value}".encode())]})


def value_of(cookie: str) -> str:
    return cookie.partition("=")[2].partition(";")[0]


def test_a_device_that_signed_in_is_known_by_the_same_id() -> None:
    value = value_of(given())
    assert known_device(asking(value), CODES, EMAIL, NOW) == value.partition(".")[0]
    assert known_device(asking(value), CODES, EMAIL, NOW + LIFETIME - timedelta(seconds=1))


def test_a_device_is_known_neither_for_another_address_nor_for_ever_nor_by_another_key() -> None:
    request = asking(value_of(given()))
    assert known_device(request, CODES, "grace@example.com", NOW) is None
    assert known_device(request, CODES, EMAIL, NOW + LIFETIME) is None
    assert known_device(request, OTHERS, EMAIL, NOW) is None


@pytest.mark.parametrize("made_up", ["", "x", "..", "known_1.9999999999.AAAA", "known_1.\u0663.x", "a.b.c.d"])
def test_a_device_that_is_made_up_is_not_known(made_up: str) -> None:
    request = Request({"type": "http", "headers": [(b"cookie", f"{COOKIE}={made_up}".encode())]})
    assert known_device(request, CODES, EMAIL, NOW) is None


def test_a_device_that_writes_its_own_expiry_is_not_known() -> None:
    device_id, until, proof = value_of(given()).split(".")
    assert known_device(asking(f"{device_id}.{int(until) + 1}.{proof}"), CODES, EMAIL, NOW) is None


def test_scripts_and_other_sites_cannot_use_the_cookie() -> None:
    attributes = {part.strip().lower() for part in given().split(";")[1:]}
    assert {"httponly", "secure", "path=/", "samesite=strict"} <= attributes
    assert not any(attribute.startswith("domain") for attribute in attributes)
