"""The language and zone of a profile reach every channel; before there is one, the request's counts."""

from collections.abc import Mapping
from datetime import date
from email import message_from_string
from email.policy import default
from typing import Any

import pytest
from sqlalchemy import text

from cardwright.authentication import EmailCodes
from cardwright.authentication.registration import (
    prepare_credentials,
    register,
    request_resend,
)
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.programs import Program
from cardwright.users import ProfileDetails, save_profile
from integration.notifications.conftest import PHONE
from integration.notifications.test_telling import eventually

PURCHASE = {
    "payment_id": "pay_1",
    "card_id": "card_1",
    "last4": "4242",
    "amount": 125050,
    "currency": "EUR",
    "merchant_name": "Blue Bottle",
}


async def speaks(work: Work, person: Any, locale: str, time_zone: str) -> None:
    details = ProfileDetails("Ada Lovelace", date(1990, 12, 10), locale, time_zone, phone=PHONE)
    async with work.transaction() as session:
        await save_profile(session, person.user_id, details, work.clock.now(), ensure_may_move=lambda: None)


def happened(work: Work, person: Any, event_type: str, **payload: Any) -> Event:
    told = {"user_id": person.user_id, **payload}
    return Event(event_type, person.program_id, "object_1", work.clock.now(), told)


def html_of(letter: Mapping[str, Any]) -> str:
    mime = message_from_string(letter["extra"]["raw"], policy=default)
    body = mime.get_body(("html",))  # type: ignore[attr-defined]
    return str(body.get_content())


@pytest.mark.parametrize(
    ("locale", "sms", "push"),
    [
        ("de-AT", "€ 1.250,50", "bei Blue Bottle"),
        ("fr", "approuvé, carte se terminant par 4242", "1 250,50"),
        ("es-419", "aprobado, tarjeta terminada en 4242", "en Blue Bottle"),
        ("ar-AE", "قُبلت", "لدى"),
        ("pt-BR", "approved, card ending 4242", "at Blue Bottle"),
    ],
)
async def test_the_profile_decides_the_language_of_text_messages_and_pushes(
    work: Work, simulator: Any, ada: Any, own_device: Any, deliver: Any, locale: str, sms: str, push: str
) -> None:
    await speaks(work, ada, locale, "Europe/Berlin")
    await own_device(ada, "token-of-adas-phone")
    await deliver(happened(work, ada, "payments.authorization_approved", **PURCHASE))
    [text_message] = await eventually(lambda: simulator.world.inbox.list("sms"))
    [pushed] = simulator.world.inbox.list("push")
    assert sms in text_message["text"].replace("\u00a0", " ").replace("\u202f", " ")
    assert push in pushed["subject"].replace("\u00a0", " ").replace("\u202f", " ")


async def test_an_e_mail_is_in_the_persons_language_direction_and_time_zone(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    await speaks(work, ada, "ar-AE", "Asia/Dubai")
    await deliver(happened(work, ada, "authentication.signed_in_from_new_device", device="Firefox"))
    [letter] = simulator.world.inbox.list("email", ada.email)
    assert letter["subject"] == "تسجيل دخول من جهاز جديد"
    html = html_of(letter)
    assert '<html lang="ar-AE" dir="rtl"' in html
    assert "غرينتش+4" in html
    assert "Demo Program" in html


async def test_a_code_before_there_is_a_profile_is_told_as_the_request_asked(
    work: Work, simulator: Any, deliver: Any
) -> None:
    new = await prepare_credentials("grace@example.com", "a long enough passphrase")
    async with work.transaction() as session:
        program, at = work.get(Program), work.clock.now()
        registration_id = await register(session, new, program_id=program.id, at=at, language="fr-CH")
    await deliver()
    async with work.transaction() as session:
        await request_resend(
            session, work.get(EmailCodes), program_id=program.id, registration_id=registration_id,
            email=new.email, at=at, language="es",
        )  # fmt: skip
    await deliver()
    subjects = [it["subject"] for it in simulator.world.inbox.list("email", "grace@example.com")]
    assert sorted(subjects) == ["Confirme su correo electrónico", "Confirmez votre adresse e-mail"]


async def test_a_test_reaches_the_one_who_asked_and_is_marked_and_repeated_under_one_id(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    from cardwright.notifications.previewing import TEST_REQUESTED

    told = {"user_id": ada.user_id, "event_type": "payments.authorization_declined", "language": "de"}
    event = Event(TEST_REQUESTED, ada.program_id, "ntf_test", work.clock.now(), told)
    await deliver(event, event)
    first, again = simulator.world.inbox.list("email", ada.email)
    assert first["subject"].startswith("[Test: Nichts davon ist geschehen] Abgelehnt: 42,90")
    assert "*** Test: Nichts davon ist geschehen ***" in first["text"]
    assert "Test: Nichts davon ist geschehen" in html_of(first)
    assert all("<ntf_test@cardwright.example>" in it["extra"]["raw"] for it in (first, again))
    async with work.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM notifications")) == 0
