"""E-mail over SMTP, to whatever provider the settings name, on connections that are used again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage as MimeMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Final

import aiosmtplib
from aiosmtplib import SMTPDataError, SMTPException, SMTPRecipientRefused, SMTPRecipientsRefused

from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.notifications import AddressRefused, EmailMessage

_TIMEOUT_SECONDS: Final = 10.0
_FIRST_PERMANENT: Final = 500
_MOST_CONNECTIONS: Final = 10
_IDLE_SECONDS: Final = 20.0
"""Servers close what is idle for longer, many after five minutes, some after thirty seconds."""
_REFUSALS: Final = (SMTPRecipientsRefused, SMTPRecipientRefused)
"""What a server says of one message; the connection goes on."""


class SmtpEmailSender:
    """Sends each message on a connection of its own at that time, kept for the next one.

    `sender` is an address, or a name and one: "Ada <a@b.c>".
    """

    def __init__(
        self,
        host: str,
        port: int,
        username: str | None,
        password: Sensitive | None,
        sender: str,
        start_tls: bool,
    ) -> None:
        self._host = host
        self._port = port
        self._username = username
        self._password = password
        name, address = parseaddr(sender)
        self._sender = Address(name, addr_spec=address)
        self._start_tls = start_tls
        self._room = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._idle: list[tuple[aiosmtplib.SMTP, float]] = []

    async def aclose(self) -> None:
        """Close the connections."""
        while self._idle:
            await _leave(self._idle.pop()[0])

    async def send(self, message: EmailMessage) -> str:
        """Hand a message to the mail server; returns its Message-ID. Errors are those of the port."""
        mime = self._mime(message)
        try:
            async with self._connection() as connection:
                await connection.send_message(mime, sender=self._sender.addr_spec, recipients=[message.to])
        except (SMTPException, OSError) as error:
            # The server's words contain the address, so they go no further.
            raise _translated(error) from None
        return str(mime["Message-ID"])

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[aiosmtplib.SMTP]:
        async with self._room:
            connection = await self._usable() or await self._connected()
            try:
                yield connection
            except _REFUSALS:
                self._idle.append((connection, time.monotonic()))
                raise
            except BaseException:
                # Nobody knows where the conversation stands.
                connection.close()
                raise
            self._idle.append((connection, time.monotonic()))

    async def _usable(self) -> aiosmtplib.SMTP | None:
        """Return a connection whose server still answers, asked before a message is on it."""
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_connected and time.monotonic() - since < _IDLE_SECONDS:
                with suppress(SMTPException, OSError):
                    await connection.rset()
                    return connection
            connection.close()
        return None

    async def _connected(self) -> aiosmtplib.SMTP:
        connection = aiosmtplib.SMTP(
            hostname=self._host, port=self._port, username=self._username,
            password=self._password.reveal() if self._password else None, start_tls=self._start_tls,
            timeout=_TIMEOUT_SECONDS,
        )  # fmt: skip
        await connection.connect()
        return connection

    def _mime(self, message: EmailMessage) -> MimeMessage:
        mime = MimeMessage(policy=SMTP)
        try:
            mime["To"] = Address(addr_spec=message.to)
        except (HeaderParseError, ValueError):
            raise AddressRefused("address_invalid") from None
        mime["From"] = self._sender
        mime["Subject"] = message.subject
        mime["Date"] = format_datetime(message.written_at)
        # The same id on every attempt: mailboxes and mail servers show or keep one of equal messages.
        mime["Message-ID"] = f"<{message.notification_id}@{self._sender.domain}>"
        mime["Auto-Submitted"] = "auto-generated"
        mime.set_content(message.text)
        mime.add_alternative(message.html, subtype="html")
        return mime


async def _leave(connection: aiosmtplib.SMTP) -> None:
    with suppress(SMTPException, OSError):
        await connection.quit()
    connection.close()


def _translated(error: Exception) -> Exception:
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, SMTPRecipientRefused | SMTPDataError) and error.code >= _FIRST_PERMANENT:
        return AddressRefused(f"smtp_{error.code}")
    return Unavailable("email_unavailable", "The mail server does not take the message; it is tried again.")
