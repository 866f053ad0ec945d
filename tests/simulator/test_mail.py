import smtplib
from email.message import EmailMessage

import aiosmtplib
import httpx
import pytest

from running_simulator import RunningSimulator


def mail(to: str, text: str = "Your code is 123456.", html: str | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Cardwright <no-reply@cardwright.example>"
    message["To"] = to
    message["Subject"] = "Your code: Grüße"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


async def test_a_mail_with_text_and_html_arrives_in_the_inbox_of_its_recipient(
    simulator: RunningSimulator,
) -> None:
    html = "<p>Your code is <b>123456</b>.</p>"
    sent = mail("ada@people.example", html=html)
    await aiosmtplib.send(sent, hostname="127.0.0.1", port=simulator.smtp_port)

    [received] = simulator.world.inbox.list(to="ada@people.example")
    assert received["channel"] == "email"
    assert received["from"] == "Cardwright <no-reply@cardwright.example>"
    assert received["subject"] == "Your code: Grüße"
    assert received["text"] == "Your code is 123456."
    assert received["html"] == html
    assert "Subject: " in received["extra"]["raw"]


async def test_every_recipient_of_a_mail_has_it_in_their_own_inbox(simulator: RunningSimulator) -> None:
    recipients = ["ada@people.example", "bob@people.example"]
    await aiosmtplib.send(
        mail(recipients[0]), recipients=recipients, hostname="127.0.0.1", port=simulator.smtp_port
    )
    received = simulator.world.inbox.list("email")
    assert sorted(message["to"] for message in received) == recipients


async def test_a_mailbox_that_bounces_is_refused_with_550_and_gets_nothing(
    simulator: RunningSimulator,
) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await aiosmtplib.send(
            mail("bounce.ada@people.example"), hostname="127.0.0.1", port=simulator.smtp_port
        )
    assert refused.value.recipients[0].code == 550
    assert simulator.world.inbox.list() == []


def test_a_mail_that_is_no_proper_mime_is_still_kept(simulator: RunningSimulator) -> None:
    with smtplib.SMTP("127.0.0.1", simulator.smtp_port) as client:
        client.sendmail("a@b.example", ["ada@people.example"], b"no headers at all, \xff\xfe bytes")
    [received] = httpx.get(f"{simulator.base_url}/_sim/inbox").json()["data"]
    assert received["to"] == "ada@people.example"
    assert received["from"] == "a@b.example"
    assert "no headers at all" in received["extra"]["raw"]


def test_a_mail_in_an_unknown_charset_is_still_kept(simulator: RunningSimulator) -> None:
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=klingon\r\n\r\nhello"
    with smtplib.SMTP("127.0.0.1", simulator.smtp_port) as client:
        client.sendmail("a@b.example", ["ada@people.example"], raw)
    [received] = httpx.get(f"{simulator.base_url}/_sim/inbox").json()["data"]
    assert received["text"] == "hello"
