"""The columns of exported history: a number, then what payments tell of each authorization.

Velocity is not among them: it is counted anew. Texts are of the merchant and of the holder's country; of
people there are ids only.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cardwright.payments import HISTORY_COLUMNS


@dataclass(frozen=True, slots=True)
class Column:
    """One column, with its type in SQL."""

    name: str
    type: str


COLUMNS: Final = (Column("h_row", "BIGINT"), *(Column(it.name, it.type) for it in HISTORY_COLUMNS))
LABEL_COLUMNS: Final = (Column("payment_id", "TEXT"), Column("label", "TEXT"))
FINGERPRINT: Final = sha256(repr(HISTORY_COLUMNS).encode()).hexdigest()[:12]
"""Another one for other columns: files of before are none of these."""
