"""Proving who one is: what stands in the document, showing it, and how far that is."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import flet as ft

from cardwright_mobile.api.client import Client
from cardwright_mobile.api.models import UserOutput
from cardwright_mobile.api.person_models import DocumentView, StandingOutput
from cardwright_mobile.state.reading import Reading

DOCUMENT_KINDS: Final = (
    "passport", "id_card_front", "id_card_back", "driving_licence_front", "driving_licence_back",
    "residence_permit_front", "residence_permit_back", "selfie", "proof_of_address",
)  # fmt: skip
LARGEST_BYTES: Final = 10_000_000
ZONES: Final[Mapping[str, tuple[str, ...]]] = {
    "US": ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    "DE": ("Europe/Berlin",), "AT": ("Europe/Vienna",), "CH": ("Europe/Zurich",), "GB": ("Europe/London",),
    "IE": ("Europe/Dublin",), "FR": ("Europe/Paris",), "ES": ("Europe/Madrid", "Atlantic/Canary"),
    "IT": ("Europe/Rome",), "NL": ("Europe/Amsterdam",), "PT": ("Europe/Lisbon", "Atlantic/Azores"),
    "SE": ("Europe/Stockholm",), "AE": ("Asia/Dubai",), "EG": ("Africa/Cairo",), "SA": ("Asia/Riyadh",),
}  # fmt: skip
"""Where people may live, and the time zones there: the device tells an app none by its name."""
_LOCALES: Final = {"en": "en-US", "de": "de-DE", "ar": "ar"}
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_WORDS: Final = ("full_name", "line1", "postal_code", "city")


@ft.observable
@dataclass
class Identity(Reading):
    """Where somebody stands with that, and the documents that they handed over."""

    who: UserOutput | None = None
    standing: StandingOutput | None = None
    documents: tuple[DocumentView, ...] = ()
    is_sending: bool = False

    async def read(self, client: Client) -> None:
        """Read all of it anew; what was known stays where that fails."""
        found = await self.attempt(asyncio.gather(client.me(), client.standing(), client.documents()))
        if found is not None:
            self.who, self.standing, self.documents = found
            self.is_ready = True

    @property
    def kept(self) -> tuple[DocumentView, ...]:
        """The documents that are there to be looked at."""
        return tuple(it for it in self.documents if it.erased_at is None)

    async def say_who(self, client: Client, profile: Mapping[str, Any]) -> bool:
        """Hand the profile in and answer whether that worked."""
        return await self._send(client, client.set_profile(profile))

    async def begin(self, client: Client) -> bool:
        """Begin to prove it and answer whether that worked."""
        return await self._send(client, client.begin_identity())

    async def add(self, client: Client, kind: str, content: bytes) -> bool:
        """Hand a document over and answer whether that worked; too large a one is not even sent."""
        if len(content) > LARGEST_BYTES:
            self.trouble, self.detail = "document_too_large", ""
            return False
        return await self._send(client, client.add_document(kind, content))

    async def remove(self, client: Client, document_id: str) -> bool:
        """Erase a document and answer whether that worked."""
        return await self._send(client, client.delete_document(document_id))

    async def submit(self, client: Client) -> bool:
        """Let the documents be looked at and answer whether that worked."""
        verification_id = self.standing.verification_id if self.standing else None
        if verification_id is None:
            return False
        return await self._send(client, client.submit_identity(verification_id))

    async def _send(self, client: Client, work: Any) -> bool:
        if self.is_sending:
            work.close()
            return False
        self.is_sending = True
        try:
            await self.attempt(work)
        finally:
            self.is_sending = False
        if self.trouble:
            return False
        await self.read(client)
        return True


def profile_of(form: Mapping[str, str], language: str, today: date) -> dict[str, Any] | None:
    """Return what a form says for the server; None where something is missing or not as it should be."""
    told = {name: text.strip() for name, text in form.items()}
    phone = re.sub(r"[\s().-]", "", told.get("phone", ""))
    country = told.get("country", "")
    zones = ZONES.get(country, ())
    zone = told.get("time_zone", "")
    try:
        born = date.fromisoformat(told.get("date_of_birth", ""))
    except ValueError:
        return None
    if not zones or born >= today or not _PHONE.fullmatch(phone) or not all(told.get(it) for it in _WORDS):
        return None
    return {
        "full_name": told["full_name"], "date_of_birth": born.isoformat(), "phone": phone,
        "locale": _LOCALES.get(language, _LOCALES["en"]), "time_zone": zone if zone in zones else zones[0],
        "address": {
            "line1": told["line1"], "city": told["city"], "postal_code": told["postal_code"],
            "country": country,
        },
    }  # fmt: skip
