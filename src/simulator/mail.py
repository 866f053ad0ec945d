"""The mail server of the outside world: takes every message, except for addresses that bounce."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from simulator.email_events import EmailEvents
from simulator.faults import Faults, wait_out
from simulator.inbox import Inbox

BOUNCE_PREFIX = "bounce"


class MailSink:
    """An SMTP listener on the loop of its caller; what arrives goes to the inbox, one entry per recipient."""

    def __init__(self, inbox: Inbox, faults: Faults, events: EmailEvents, *, host: str, port: int) -> None:
        self._inbox = inbox
        self._events = events
        self._faults = faults
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port listened on, which is the one asked for unless that was 0."""
        if self._server is None:
            return self._port
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Open the listener; OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._open_session, self._host, self._port)

    async def stop(self) -> None:
        """Close the listener; what is still being sent is cut off, as by a real outage."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def _open_session(self) -> SMTP:
        return SMTP(self, hostname="simulator", enable_SMTPUTF8=True, loop=asyncio.get_running_loop())

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept a recipient, or answer 550 for a mailbox whose name starts with "bounce"."""
        if address.lower().startswith(BOUNCE_PREFIX):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a message, or what a fault makes of that."""
        struck = self._faults.take("mail", *envelope.rcpt_tos)
        if error := struck.get("error"):
            return f"{error.status} Not now"
        if "drop" in struck:
            return _hang_up(server)
        self._take(envelope)
        await wait_out(struck)
        if "drop_response" in struck:
            return _hang_up(server)
        return "<html><body>Bad gateway" if "garbage" in struck else "250 2.0.0 Accepted"

    def _take(self, envelope: Envelope) -> None:
        """Read a message and put it into the inbox of each recipient."""
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        message = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        for recipient in envelope.rcpt_tos:
            self._inbox.add(
                "email",
                to=recipient,
                sender=str(message.get("From", envelope.mail_from or "")),
                subject=str(message.get("Subject", "")),
                text=_part(message, "plain") or "",
                html=_part(message, "html"),
                extra={"raw": raw.decode("utf-8", "replace"), "envelope_from": envelope.mail_from},
            )
            self._events.tell(recipient, str(message.get("Message-ID", "")))


def _hang_up(server: SMTP) -> str:
    """Close the connection, so that what is answered reaches nobody."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    return "421 4.3.2 Nobody reads this"


def _part(message: EmailMessage, kind: str) -> str | None:
    body = message.get_body(preferencelist=(kind,))
    if body is None:
        return None
    try:
        text = str(body.get_content())
    except LookupError:
        # A charset nobody knows: show what can be shown.
        payload = body.get_payload(decode=True)
        text = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
    return text.replace("\r\n", "\n").rstrip("\n")
