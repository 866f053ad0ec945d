"""A merchant, and how the descriptors that networks send are read. No I/O."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Origin(StrEnum):
    """How an acceptor id came to belong to a merchant."""

    OBSERVED = "observed"
    DESCRIPTOR = "descriptor"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Merchant:
    """An identity; `aliases` are the ids of merchants that were merged into it, which still mean it."""

    id: str
    program_id: str
    name: str
    mcc: str
    group: str
    country: str
    created_at: datetime
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptor:
    """An id under which a network knows a merchant."""

    source: str
    acceptor_id: str
    country: str
    origin: Origin
    first_seen_at: datetime


_AGGREGATORS: Final = re.compile(
    r"^(?:SQ|TST|SP|PP|PAYPAL|GOOGLE|APPLE|SUMUP|ZETTLE|IZ|STRIPE|KLARNA|MOLLIE|ADYEN|FS|CKO|WPY|PY|EB)\s?\*\s?"
)
_WEB: Final = re.compile(
    r"\b(?:HTTPS?://)?(?:WWW\.)?([A-Z0-9-]+)\.(?:COM|NET|ORG|IO|CO|DE|FR|EU|APP|UK)\b(?:/\S*)?"
)
_LETTERS: Final = 4
_GENERIC: Final = frozenset(
    """
    airport atm bakery bar cafe cash hotel kiosk market merchant online parking payment payments pharmacy
    purchase restaurant sale service services shop station store stores supermarket taxi test the withdrawal
    """.upper().split()
)


def clean_name(descriptor: str) -> str:
    """Return a descriptor as people would write the merchant's name; the descriptor where nothing is left.

    >>> clean_name("SQ *CORNER SHOP #0423"), clean_name("WWW.CLOUDFORGE.COM/BILL"), clean_name("  ")
    ('Corner Shop', 'Cloudforge', 'Unknown merchant')
    """
    words = [word for word in _plain(descriptor).split() if not any(char.isdigit() for char in word)]
    return " ".join(words).title() or descriptor.strip()[:60] or "Unknown merchant"


def descriptor_key(descriptor: str) -> str | None:
    """Return what two descriptors of one merchant have in common; None for one that could be anybody's.

    >>> descriptor_key("TST* Corner Shop 0423"), descriptor_key("CORNER SHOP"), descriptor_key("CAFE 12")
    ('CORNER SHOP', 'CORNER SHOP', None)
    """
    words = [word for word in _plain(descriptor).split() if not any(char.isdigit() for char in word)]
    telling = [word for word in words if word not in _GENERIC]
    if sum(len(word) for word in telling) < _LETTERS:
        return None
    return " ".join(words)


def _plain(descriptor: str) -> str:
    folded = unicodedata.normalize("NFKD", descriptor).encode("ascii", "ignore").decode().upper().strip()
    named = _WEB.sub(r"\1", _AGGREGATORS.sub("", folded))
    return re.sub(r"[^A-Z0-9]+", " ", named.replace("'", ""))
