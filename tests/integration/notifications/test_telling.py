"""From an event to the person's mailbox, phone and list, over real connections."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import Row, select, text
from structlog.testing import capture_logs

from cardwright.authentication.registration import prepare_credentials, register
from cardwright.db import outbox
from cardwright.db.jobs import Work
from cardwright.db.outbox import Event
from cardwright.db.session import transaction
from cardwright.notifications import SmsSender
from cardwright.notifications.device_store import devices, list_active_devices
from cardwright.notifications.store import notifications
from cardwright.programs import Program
from message_desk import send

PURCHASE = {
    "payment_id": "pay_1",
    "card_id": "card_1",
    "last4": "4242",
    "amount": 1250,
    "currency": "USD",
    "merchant_name": "Blue Bottle",
}


def happened(work: Work, person: Any, event_type: str, **payload: Any) -> Event:
    told = {"user_id": person.user_id, **payload}
    return Event(event_type, person.program_id, "object_1", work.clock.now(), told)


async def rows(work: Work) -> dict[str, Row[Any]]:
    async with work.transaction() as session:
        found = await session.execute(select(notifications).order_by(notifications.c.id))
        return {row.channel: row for row in found}


async def eventually(found: Callable[[], Sequence[Any]]) -> Sequence[Any]:
    async with asyncio.timeout(60):
        while not found():  # noqa: ASYNC110 - the simulator runs on another loop
            await asyncio.sleep(0.02)
    return found()


async def test_an_approved_payment_reaches_phone_app_and_list(
    work: Work, simulator: Any, ada: Any, own_device: Any, deliver: Any
) -> None:
    await own_device(ada, "token-of-adas-phone")
    event = happened(work, ada, "payments.authorization_approved", **PURCHASE)
    assert await deliver(event) == []

    [sms] = await eventually(lambda: simulator.world.inbox.list("sms"))
    [push] = simulator.world.inbox.list("push")
    assert "$12.50 at Blue Bottle approved, card ending 4242" in sms["text"]
    assert (push["to"], push["subject"]) == ("token-of-adas-phone", "$12.50 at Blue Bottle")
    stored = await rows(work)
    assert {channel: row.state for channel, row in stored.items()} == {
        "sms": "sent",
        "push": "sent",
        "in_app": "delivered",
    }
    assert stored["sms"].provider_reference == sms["extra"]["sid"]
    assert stored["push"].provider_reference == push["extra"]["name"]
    assert push["extra"]["data"]["notification_id"] == stored["push"].id
    assert stored["sms"].attempts == 1
    assert stored["sms"].sent_at == work.clock.now()


async def test_an_account_matter_goes_to_the_mailbox(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    await deliver(happened(work, ada, "funding.top_up_succeeded", amount=5000, currency="USD"))
    [letter] = simulator.world.inbox.list("email", ada.email)
    assert letter["subject"] == "$50.00 added"
    assert "Demo Program" in letter["html"]
    assert f"<{(await rows(work))['email'].id}@cardwright.example>" in letter["extra"]["raw"]


async def test_a_code_reaches_the_mailbox_and_nothing_else(work: Work, simulator: Any, deliver: Any) -> None:
    new = await prepare_credentials("grace@example.com", "a long enough passphrase")
    with capture_logs() as logs:
        async with work.transaction() as session:
            await register(session, new, program_id=work.get(Program).id, at=work.clock.now())
        assert await deliver() == []
    [letter] = simulator.world.inbox.list("email", "grace@example.com")
    code = next(word for word in letter["text"].split() if word.isdigit() and len(word) == 6)
    assert code in letter["html"]
    assert logs
    assert code not in str(logs)
    assert "grace@example.com" not in str(logs)
    async with work.transaction() as session:
        dump = await session.execute(text("SELECT n::text FROM notifications n"))
        assert not any(code in row for row in dump.scalars())


async def test_a_code_that_expired_in_the_queue_is_not_sent(
    work: Work, simulator: Any, clock: Any, deliver: Any
) -> None:
    from datetime import timedelta

    new = await prepare_credentials("grace@example.com", "a long enough passphrase")
    async with work.transaction() as session:
        await register(session, new, program_id=work.get(Program).id, at=clock.now())
    clock.advance(timedelta(minutes=10))
    await deliver()
    assert simulator.world.inbox.list("email") == []
    told = (await rows(work))["email"]
    assert (told.state, told.error_code) == ("undeliverable", "code_expired")


async def test_the_same_event_twice_tells_once(
    work: Work, simulator: Any, ada: Any, own_device: Any, deliver: Any
) -> None:
    await own_device(ada, "token-of-adas-phone")
    event = happened(work, ada, "cards.card_issued", card_id="card_1", last4="4242")
    await deliver(event, event)
    await deliver(event)
    await eventually(lambda: simulator.world.inbox.list("sms"))
    assert len(simulator.world.inbox.list("sms")) == 1
    assert len(simulator.world.inbox.list("push")) == 1
    assert len(await rows(work)) == 3


async def test_handlers_that_run_at_the_same_time_send_one_text_message(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    from cardwright.notifications.planning import plan

    event = happened(work, ada, "cards.card_issued", card_id="card_1", last4="4242")
    await asyncio.gather(*(plan(work, event) for _ in range(5)))
    queued = (await rows(work))["sms"].id
    await asyncio.gather(*(send(work, queued) for _ in range(8)), return_exceptions=True)
    assert await deliver() == []
    assert len(simulator.world.objects.list("twilio_message")) == 1
    assert (await rows(work))["sms"].state == "sent"


async def test_somebody_without_phone_and_device_finds_it_in_the_list(
    work: Work, simulator: Any, deliver: Any
) -> None:
    new = await prepare_credentials("grace@example.com", "a long enough passphrase")
    async with work.transaction() as session:
        await register(session, new, program_id=work.get(Program).id, at=work.clock.now())
        [asked] = await outbox.take(session, 1)
    grace = asked.subject_id
    event = Event(
        "payments.authorization_approved", asked.program_id, "pay_1", work.clock.now(),
        {**PURCHASE, "user_id": grace},
    )  # fmt: skip
    assert await deliver(event) == []
    assert {channel: row.user_id for channel, row in (await rows(work)).items()} == {"in_app": grace}
    assert simulator.world.inbox.list() == []


async def test_a_channel_that_the_deployment_has_no_sender_for_is_left_out(work: Work, ada: Any) -> None:
    from cardwright.notifications.planning import plan

    provided = {kind: sender for kind, sender in work.provided.items() if kind is not SmsSender}
    event = happened(work, ada, "cards.card_issued", card_id="card_1", last4="4242")
    await plan(Work(work.engine, work.clock, provided), event)
    assert set(await rows(work)) == {"in_app"}


async def test_a_phone_number_that_was_removed_meanwhile_is_undeliverable(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    from datetime import date

    from cardwright.notifications.planning import plan
    from cardwright.users import ProfileDetails, save_profile

    await plan(work, happened(work, ada, "cards.card_issued", card_id="card_1", last4="4242"))
    async with work.transaction() as session:
        details = ProfileDetails("Ada Lovelace", date(1990, 12, 10), "en", "Europe/London")
        await save_profile(session, ada.user_id, details, work.clock.now(), ensure_may_move=lambda: None)
    await deliver()
    assert (await rows(work))["sms"].error_code == "address_missing"
    assert simulator.world.objects.list("twilio_message") == []


async def test_a_device_whose_app_was_removed_is_revoked(
    work: Work, ada: Any, own_device: Any, deliver: Any
) -> None:
    gone = await own_device(ada, "unregistered-phone")
    await deliver(happened(work, ada, "payments.payment_cleared", **PURCHASE))
    told = (await rows(work))["push"]
    assert (told.state, told.error_code) == ("undeliverable", "device_unregistered")
    async with work.transaction() as session:
        revoked = await session.execute(select(devices.c.revoked_at).where(devices.c.id == gone))
    assert revoked.scalar_one() == work.clock.now()


async def test_one_device_that_is_gone_does_not_hide_the_news_from_another(
    work: Work, simulator: Any, ada: Any, own_device: Any, deliver: Any
) -> None:
    await own_device(ada, "unregistered-phone")
    await own_device(ada, "token-of-adas-tablet")
    await deliver(happened(work, ada, "payments.payment_cleared", **PURCHASE))
    assert [push["to"] for push in simulator.world.inbox.list("push")] == ["token-of-adas-tablet"]
    assert (await rows(work))["push"].state == "sent"
    async with transaction(work.engine) as session:
        active = await list_active_devices(session, ada.user_id)
    assert [device.push_token for device in active] == ["token-of-adas-tablet"]


async def test_a_mailbox_that_bounces_is_undeliverable(work: Work, simulator: Any, deliver: Any) -> None:
    new = await prepare_credentials("bounce@example.com", "a long enough passphrase")
    async with work.transaction() as session:
        await register(session, new, program_id=work.get(Program).id, at=work.clock.now())
    assert await deliver() == []
    told = (await rows(work))["email"]
    assert (told.state, told.error_code) == ("undeliverable", "smtp_550")


@pytest.mark.parametrize("event_type", ["authentication.registration_repeated", "kyc.approved"])
async def test_an_event_whose_subject_is_the_person_tells_that_person(
    work: Work, simulator: Any, ada: Any, deliver: Any, event_type: str
) -> None:
    await deliver(Event(event_type, ada.program_id, ada.user_id, work.clock.now()))
    assert len(simulator.world.inbox.list("email", ada.email)) == 1
