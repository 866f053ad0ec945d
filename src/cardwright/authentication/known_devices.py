"""Devices that signed in to an address before: a cookie that keeps strangers' attempts from counting there.

It opens nothing by itself. Whoever has it may try passwords of this one address on a budget of the device's
own, which strangers cannot use up.
"""

from datetime import datetime, timedelta
from typing import Final

from fastapi import Request, Response

from cardwright.authentication.codes import EmailCodes
from cardwright.authentication.domain import address_digest
from cardwright.core.ids import new_id

COOKIE: Final = "__Host-cardwright-device"
LIFETIME: Final = timedelta(days=180)
_USE: Final = "device"


def known_device(request: Request, codes: EmailCodes, email: str, at: datetime) -> str | None:
    """Return the id of the device that asks when it signed in to this normalized address before."""
    device_id, _, rest = request.cookies.get(COOKIE, "").partition(".")
    until, _, proof = rest.partition(".")
    if not (until.isascii() and until.isdigit()) or not codes.is_token(
        _USE, _subject(device_id, until, email), proof
    ):
        return None
    return device_id if at.timestamp() < int(until) else None


def remember_device(response: Response, codes: EmailCodes, email: str, at: datetime) -> None:
    """Make the device that is answered known for an address, under a new id."""
    device_id, until = new_id("known"), str(int((at + LIFETIME).timestamp()))
    response.set_cookie(
        COOKIE,
        f"{device_id}.{until}.{codes.token(_USE, _subject(device_id, until, email))}",
        max_age=int(LIFETIME.total_seconds()), path="/", secure=True, httponly=True, samesite="strict",
    )  # fmt: skip


def _subject(device_id: str, until: str, email: str) -> str:
    return f"{device_id}.{until}.{address_digest(email)}"
