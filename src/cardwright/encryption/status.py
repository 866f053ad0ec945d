"""What there is of keys, for operators: epochs, their states, how many records each still has."""

from collections.abc import Sequence
from dataclasses import dataclass

from cardwright.core.errors import CardwrightError
from cardwright.db.session import Session
from cardwright.encryption import rows, store
from cardwright.encryption.domain import EncryptionError
from cardwright.encryption.keyring import Keyring
from cardwright.encryption.store import DataKey


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """One data key; `state` is current, superseded, retired or destroyed."""

    key_id: str
    purpose: str
    epoch: int
    state: str
    records: int
    provider_key_id: str


async def list_key_status(session: Session, keyring: Keyring, program_id: str) -> Sequence[KeyStatus]:
    """Return how every key of a program stands."""
    records = await rows.count_records(session, keyring.columns, program_id)
    return [
        KeyStatus(key.id, key.purpose, key.epoch, _state(key), records.get(key.id, 0), key.provider_key_id)
        for key in await store.list_keys(session, program_id)
    ]


def _state(key: DataKey) -> str:
    if key.destroyed_at is not None:
        return "destroyed"
    if key.retired_at is not None:
        return "retired"
    return "current" if key.superseded_at is None else "superseded"


async def can_unwrap(session: Session, keyring: Keyring, key_id: str) -> bool:
    """Answer whether the provider gives a key back, asked anew; False where it cannot be asked, too."""
    key = await store.find_key(session, key_id)
    try:
        return key is not None and await keyring.opens(key)
    except (EncryptionError, CardwrightError):
        return False
