"""The sender of e-mail against a mail server that takes, bounces, hesitates or is not there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_string, policy
from typing import Any

import pytest

from cardwright.adapters.smtp import SmtpEmailSender
from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.notifications import AddressRefused, EmailMessage
from running_simulator import RunningSimulator, running_simulator

LETTER = EmailMessage(
    notification_id="ntf_1",
    to="ada@example.com",
    subject="Your code: prüfen",
    text="Enter 049713\n",
    html="<p>Enter <b>049713</b></p>",
    written_at=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
)


def sender_at(
    port: int, sender: str = "Demo <no-reply@cardwright.example>", **options: Any
) -> SmtpEmailSender:
    settings: dict[str, Any] = {"username": None, "password": None, "start_tls": False, **options}
    return SmtpEmailSender("127.0.0.1", port, sender=sender, **settings)


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as simulator:
        yield simulator


async def test_a_letter_arrives_in_both_forms_under_the_notifications_id(simulator: RunningSimulator) -> None:
    reference = await sender_at(simulator.smtp_port).send(LETTER)
    [received] = simulator.world.inbox.list("email", "ada@example.com")
    assert received["subject"] == "Your code: prüfen"
    assert received["from"] == "Demo <no-reply@cardwright.example>"
    assert received["text"] == "Enter 049713"
    assert "<b>049713</b>" in received["html"]
    mime = message_from_string(received["extra"]["raw"], policy=policy.default)
    assert reference == mime["Message-ID"] == "<ntf_1@cardwright.example>"
    assert mime["Date"] == "Mon, 23 Nov 2026 12:00:00 +0000"
    assert mime["Auto-Submitted"] == "auto-generated"


async def test_a_repeat_has_the_same_message_id_so_that_it_collapses(simulator: RunningSimulator) -> None:
    sender = sender_at(simulator.smtp_port, "no-reply@cardwright.example")
    assert await sender.send(LETTER) == await sender.send(LETTER)


async def test_a_mailbox_that_does_not_exist_is_refused_for_good(simulator: RunningSimulator) -> None:
    with pytest.raises(AddressRefused) as refused:
        await sender_at(simulator.smtp_port).send(replace(LETTER, to="bounce@example.com"))
    assert refused.value.code == "smtp_550"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    "address", ["ada@example.com, eve@example.com", "a\r\nBcc: eve@example.com", "nobody"]
)
async def test_what_is_not_one_address_is_refused_before_any_connection(address: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        await sender_at(9).send(replace(LETTER, to=address))
    assert refused.value.code == "address_invalid"


async def test_nobody_listening_is_worth_another_try() -> None:
    with pytest.raises(Unavailable):
        await sender_at(9).send(LETTER)


async def test_a_server_without_encryption_gets_no_letter_when_encryption_is_asked_for(
    simulator: RunningSimulator,
) -> None:
    with pytest.raises(Unavailable):
        await sender_at(simulator.smtp_port, start_tls=True).send(LETTER)
    assert simulator.world.inbox.list("email") == []


async def test_credentials_that_are_not_accepted_are_an_outage_for_the_operator(
    simulator: RunningSimulator,
) -> None:
    sender = sender_at(simulator.smtp_port, username="user", password=Sensitive("wrong"))
    with pytest.raises(Unavailable):
        await sender.send(LETTER)
    assert simulator.world.inbox.list("email") == []


@pytest.fixture
async def hesitant_port() -> AsyncIterator[int]:
    """A mail server that defers every recipient, as greylisting does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hesitant\r\n")
        while line := await reader.readline():
            is_recipient = line.upper().startswith(b"RCPT")
            writer.write(b"451 4.7.1 Come back later\r\n" if is_recipient else b"250 OK\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_server_that_defers_is_worth_another_try(hesitant_port: int) -> None:
    with pytest.raises(Unavailable):
        await sender_at(hesitant_port).send(LETTER)
