"""E-mail over SMTP, to whatever provider the settings name."""

import re
from email.errors import HeaderParseError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage as MimeMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import Final

import aiosmtplib
from aiosmtplib import (
    SMTPConnectError,
    SMTPConnectTimeoutError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from cardwright.core.errors import Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.notifications import AddressRefused, EmailMessage, InDoubt, NoSuchAddress

_TIMEOUT_SECONDS: Final = 10.0
_FIRST_REFUSAL: Final = 400
_CLOSING: Final = 421
_FIRST_PERMANENT: Final = 500
_NO_MAILBOX: Final = frozenset({550, 551, 553})
# RFC 3463: 5.7 is about policy and says nothing about the mailbox.
_POLICY: Final = re.compile(r"\b5\.7\.\d+\b")


class _Unfolded(UnstructuredHeader, BaseHeader):
    """A header whose value stays on one line: folded, a long address becomes words that nobody follows."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Unfolded)
_MAIL: Final = SMTP.clone(header_factory=_HEADERS)


class SmtpEmailSender:
    """Sends one message per connection; `sender` is an address, or a name and one: "Ada <a@b.c>"."""

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

    async def send(self, message: EmailMessage) -> str:
        """Hand a message to the mail server; returns its Message-ID. Errors are those of the port."""
        mime = self._mime(message)
        try:
            await aiosmtplib.send(
                mime,
                sender=self._sender.addr_spec,
                recipients=[message.to],
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password.reveal() if self._password else None,
                start_tls=self._start_tls,
                timeout=_TIMEOUT_SECONDS,
            )
        except (SMTPException, OSError) as error:
            # The server's words contain the address, so they go no further.
            raise _translated(error) from None
        return str(mime["Message-ID"])

    def _mime(self, message: EmailMessage) -> MimeMessage:
        mime = MimeMessage(policy=_MAIL)
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
        if message.unsubscribe_url is not None:
            mime["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
            mime["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mime.set_content(message.text)
        mime.add_alternative(message.html, subtype="html")
        return mime


def _translated(error: Exception) -> Exception:
    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, SMTPRecipientRefused | SMTPDataError) and error.code >= _FIRST_PERMANENT:
        is_nobody = isinstance(error, SMTPRecipientRefused) and error.code in _NO_MAILBOX
        refused = NoSuchAddress if is_nobody and not _POLICY.search(error.message) else AddressRefused
        return refused(f"smtp_{error.code}")
    text = "The mail server does not take the message; it is tried again."
    # What never connected, and what the server said no to, was not taken; after anything else who knows. A
    # server that closes in place of its answer to the message has given none.
    is_closing = isinstance(error, SMTPDataError) and error.code == _CLOSING
    is_no = isinstance(error, SMTPResponseException) and error.code >= _FIRST_REFUSAL and not is_closing
    is_untaken = is_no or isinstance(error, SMTPConnectError | SMTPConnectTimeoutError)
    return (Unavailable if is_untaken else InDoubt)("email_unavailable", text)
