"""Addresses that bounce, complain or say stop: what providers tell of them, and the way back."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from cardwright.adapters import sendgrid, twilio_replies
from cardwright.adapters.sendgrid import SendGridWebhook
from cardwright.adapters.twilio_replies import TwilioReplyWebhook
from cardwright.authentication import EmailCodes
from cardwright.core.clock import SystemClock
from cardwright.core.errors import Malformed, Unauthenticated
from cardwright.core.ids import new_id
from cardwright.core.sensitive import Sensitive
from cardwright.db import inbox, outbox
from cardwright.db.jobs import Work
from cardwright.notifications import EmailMessage, EmailSender, preferences
from cardwright.notifications.suppressing import suppressions_of
from cardwright.notifications.unsubscribing import CONFIRMATION_PATH
from cardwright.programs import Program
from integration.notifications.conftest import PHONE
from integration.notifications.test_choosing import happened, rows, states
from integration.notifications.test_trouble import queue
from message_desk import send
from running_simulator import QUICK
from simulator.email_events import signed_headers as signed_by_sendgrid
from simulator.email_events import verification_key
from simulator.twilio.delivery import signed_headers as signed_by_twilio

URL = "https://cardwright.test/webhooks/twilio-replies"


def lowered(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def events_hook(work: Work) -> SendGridWebhook:
    # SendGrid signs in real time, whatever time it is for the rest of a test.
    codes, program_id = work.get(EmailCodes), work.get(Program).id
    return SendGridWebhook(verification_key(), codes, program_id=program_id, clock=SystemClock())


async def hear(work: Work, message: inbox.InboundMessage, handle: Callable[..., Any]) -> None:
    """Take a webhook in and handle it twice, as a queue may."""
    async with work.transaction() as session:
        await inbox.receive(session, message)
    async with work.transaction() as session:
        taken = await outbox.take(session, 100)
    for event in taken:
        if event.type == "inbox.received":
            await handle(work, event)
            await handle(work, event)


async def told_by_sendgrid(work: Work, simulator: Any, *events: dict[str, Any]) -> None:
    body = json.dumps(events)
    message = events_hook(work).read(lowered(signed_by_sendgrid("", body, "")), body.encode(), "")
    await hear(work, message, sendgrid.handle)


async def written_back(work: Work, body: str, **more: str) -> None:
    form = urlencode({"MessageSid": new_id("SM"), "From": PHONE, "To": "+15005550006", "Body": body, **more})
    token = QUICK.twilio_auth_token
    hook = TwilioReplyWebhook(
        [Sensitive("another account's token"), Sensitive(token)], work.get(EmailCodes),
        program_id=work.get(Program).id, clock=work.clock,
    )  # fmt: skip
    message = hook.read(lowered(signed_by_twilio(URL, form, token)), form.encode(), URL)
    assert PHONE not in str(message.payload)
    await hear(work, message, twilio_replies.handle)


def message_id(letter: dict[str, Any]) -> str:
    [line] = [it for it in letter["extra"]["raw"].splitlines() if it.startswith("Message-ID")]
    return str(line.partition(": ")[2].strip())


async def obstacles(work: Work, ada: Any) -> list[tuple[str, str]]:
    async with work.transaction() as session:
        found = await suppressions_of(session, work.get(EmailCodes), ada.user_id)
    return [(it.channel, it.reason) for it in found]


@pytest.mark.parametrize(
    ("event", "reason", "state"),
    [
        ({"event": "bounce", "type": "bounce", "status": "5.1.1"}, "hard_bounce", "undeliverable"),
        ({"event": "spamreport"}, "complaint", "sent"),
        ({"event": "bounce", "type": "blocked", "status": "5.7.1"}, None, "undeliverable"),
        ({"event": "delivered"}, None, "delivered"),
        ({"event": "open"}, None, "sent"),
    ],
)
async def test_what_sendgrid_tells_of_a_letter_is_kept_to(
    work: Work, simulator: Any, ada: Any, deliver: Any, event: dict[str, Any], reason: str | None, state: str
) -> None:
    await deliver(happened(work, ada, "cards.card_frozen"))
    [letter] = simulator.world.inbox.list("email")
    told = {"email": ada.email.upper(), "smtp-id": message_id(letter), "sg_message_id": "sg1", **event}
    await told_by_sendgrid(work, simulator, told)
    assert await states(work, "email") == [state]
    assert await obstacles(work, ada) == ([("email", reason)] if reason else [])
    await deliver(happened(work, ada, "cards.card_locked"))
    assert (await rows(work, "email"))[-1].error_code == ("address_suppressed" if reason else None)
    assert len(simulator.world.inbox.list("email")) == (1 if reason else 2)
    assert [row.event_type for row in await rows(work, "in_app")][-1] == "cards.card_locked"


async def test_a_bounce_of_an_address_that_we_did_not_write_to_suppresses_nobody(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    await deliver(happened(work, ada, "cards.card_frozen"))
    [letter] = simulator.world.inbox.list("email")
    bounce = {"event": "bounce", "type": "bounce", "email": "eve@example.com"}
    await told_by_sendgrid(
        work, simulator,
        {**bounce, "smtp-id": message_id(letter)},
        {**bounce, "smtp-id": f"<{new_id('ntf')}@cardwright.example>"},
        {**bounce, "smtp-id": "<somebody-elses@example.com>"},
    )  # fmt: skip
    assert await obstacles(work, ada) == []


def test_what_sendgrid_did_not_sign_is_refused(work: Work) -> None:
    hook, body = events_hook(work), json.dumps([{"event": "bounce"}])
    signed = lowered(signed_by_sendgrid("", body, ""))
    for headers, told in (
        ({}, body),
        (signed, body + " "),
        ({**signed, "x-twilio-email-event-webhook-timestamp": "1"}, body),
        ({**signed, "x-twilio-email-event-webhook-signature": "AAAA"}, body),
        ({**signed, "x-twilio-email-event-webhook-signature": "not base64"}, body),
    ):
        with pytest.raises(Unauthenticated):
            hook.read(headers, told.encode(), "")
    for told in ("{}", "nonsense"):
        with pytest.raises(Malformed):
            hook.read(lowered(signed_by_sendgrid("", told, "")), told.encode(), "")


async def test_of_sendgrids_events_neither_addresses_nor_words_are_kept(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    await deliver(happened(work, ada, "cards.card_frozen"))
    [letter] = simulator.world.inbox.list("email")
    bounce = {
        "event": "bounce",
        "reason": f"550 {ada.email} unknown",
        "email": ada.email,
        "status": ada.email,
    }
    await told_by_sendgrid(work, simulator, {**bounce, "smtp-id": message_id(letter)})
    async with work.transaction() as session:
        for table in ("inbox", "address_suppressions", "notifications"):
            kept = await session.execute(text(f"SELECT t::text FROM {table} t"))  # noqa: S608
            assert not any(ada.email in row for row in kept.scalars()), table


class Elsewhere:
    """Sends all letters to one mailbox."""

    def __init__(self, sender: Any, address: str) -> None:
        self.sender = sender
        self.address = address

    async def send(self, message: EmailMessage) -> str:
        return str(await self.sender.send(replace(message, to=self.address)))


async def test_a_mailbox_that_the_server_does_not_know_is_suppressed_at_once(
    work: Work, simulator: Any, ada: Any
) -> None:
    sender = Elsewhere(work.get(EmailSender), "bounce@example.com")
    bouncing = replace(work, provided={**work.provided, EmailSender: sender})
    await send(bouncing, await queue(work, ada, "cards.card_frozen", "email"))
    assert (await rows(work, "email"))[0].error_code == "smtp_550"
    assert await obstacles(work, ada) == [("email", "hard_bounce")]


async def test_stop_ends_texts_and_start_brings_them_back(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    await deliver(happened(work, ada, "cards.card_issued"))
    await written_back(work, "Stop ")
    assert await obstacles(work, ada) == [("sms", "opted_out")]
    await deliver(happened(work, ada, "authentication.password_changed"))
    assert [(row.state, row.error_code) for row in await rows(work, "sms")][1:] == [("withheld", "opted_out")]
    await written_back(work, "ja, bitte", OptOutType="START")
    assert await obstacles(work, ada) == []
    await deliver(happened(work, ada, "cards.card_issued"))
    assert await states(work, "sms") == ["sent", "withheld", "sent"]


async def test_a_stop_that_only_twilio_heard_is_learnt_from_its_refusal(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    simulator.world.objects.put("twilio_stopped", {"id": PHONE})
    await deliver(happened(work, ada, "cards.card_issued"))
    assert [(row.state, row.error_code) for row in await rows(work, "sms")] == [("undeliverable", "21610")]
    assert await obstacles(work, ada) == [("sms", "opted_out")]


async def test_a_help_changes_nothing(work: Work, simulator: Any, ada: Any, deliver: Any) -> None:
    await deliver(happened(work, ada, "cards.card_issued"))
    await written_back(work, "HELP")
    assert await obstacles(work, ada) == []


async def test_an_address_comes_back_by_the_link_that_is_sent_to_it(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    await deliver(happened(work, ada, "cards.card_frozen"))
    [letter] = simulator.world.inbox.list("email")
    await told_by_sendgrid(
        work, simulator, {"event": "spamreport", "email": ada.email, "smtp-id": message_id(letter)}
    )
    codes, at = work.get(EmailCodes), work.clock.now()
    async with work.transaction() as session:
        await preferences.ask_to_confirm(
            session, codes, program_id=ada.program_id, user_id=ada.user_id, at=at
        )
    await deliver()
    newest = simulator.world.inbox.list("email")[0]
    assert newest["subject"] == "Confirm your e-mail address"
    [link] = {word for word in newest["text"].split() if CONFIRMATION_PATH in word}
    async with work.transaction() as session:
        await preferences.confirm_address(session, codes, link.rpartition("/")[2], at)
    assert await obstacles(work, ada) == []
    await deliver(happened(work, ada, "cards.card_locked"))
    assert (await rows(work, "email"))[-1].state == "sent"


async def test_every_letter_that_can_be_ended_says_how_and_the_others_do_not(
    work: Work, simulator: Any, ada: Any, deliver: Any
) -> None:
    await deliver(happened(work, ada, "cards.card_frozen"))
    [ordinary] = simulator.world.inbox.list("email")
    head = ordinary["extra"]["raw"].partition("\r\n\r\n")[0].splitlines()
    [link] = [line for line in head if line.startswith("List-Unsubscribe: ")]
    assert re.fullmatch(r"List-Unsubscribe: <https://\S+/v1/unsubscribe/\S+>", link)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    await deliver(happened(work, ada, "cards.number_revealed"))
    assert "List-Unsubscribe" not in simulator.world.inbox.list("email")[0]["extra"]["raw"]
