"""Sealing and opening, and the blind index, with the keys that the session's engine carries."""

import hmac
from collections.abc import Mapping
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.db.session import Session
from cardwright.encryption.columns import SealedColumn
from cardwright.encryption.domain import EncryptionError, Place, associated_data, key_id_of
from cardwright.encryption.keyring import Keyring

_OPTION: Final = "cardwright_keyring"
_INDEX: Final = "index"


def with_keyring(engine: AsyncEngine, keyring: Keyring) -> AsyncEngine:
    """Return the engine, sharing its connections, with sessions that can seal and open."""
    return engine.execution_options(**{_OPTION: keyring})


async def seal(session: Session, place: Place, text: str) -> str:
    """Return a record to store at a place; it never comes out the same twice."""
    return (await seal_all(session, {place: text}))[place]


async def open_sealed(session: Session, place: Place, sealed: str) -> str:
    """Return what a record says; raise EncryptionError when it was not sealed for this very place."""
    return (await open_all(session, {place: sealed}))[place]


async def seal_all(session: Session, texts: Mapping[Place, str]) -> Mapping[Place, str]:
    """Seal several texts, with one question for the current key of each program."""
    keyring = keyring_of(session)
    for place in texts:
        keyring.ensure_known(place)
    programs = {place.program_id for place in texts}
    ciphers = {program_id: await keyring.current_cipher(session, program_id) for program_id in programs}
    return {place: ciphers[place.program_id].seal(place, text) for place, text in texts.items()}


async def open_all(session: Session, records: Mapping[Place, str]) -> Mapping[Place, str]:
    """Open several records; asks the database only for keys that are new to this process."""
    keyring = keyring_of(session)
    opened = {}
    for place, sealed in records.items():
        key_id = key_id_of(sealed)
        cipher = keyring.find_cipher(key_id) or await keyring.cipher(session, key_id)
        opened[place] = cipher.open(place, sealed)
    return opened


async def blind_index(session: Session, column: SealedColumn, program_id: str, text: str) -> str:
    """Return 64 hexadecimal digits, equal for equal texts of one column and program, telling no more.

    Normalize the text first: another spelling is another text.
    """
    key = await keyring_of(session).index_key(session, program_id)
    bound = associated_data(column.place("", program_id), _INDEX)
    return hmac.new(key, bound + b"\n" + text.encode(), "sha256").hexdigest()


async def warm(session: Session, program_id: str) -> None:
    """Unwrap all keys of a program before they are needed."""
    await keyring_of(session).warm(session, program_id)


def keyring_of(session: Session) -> Keyring:
    """Return the keyring of a session; raise EncryptionError when its engine was made without."""
    assert session.sync_connection is not None  # noqa: S101 - a session is an open connection
    found = session.sync_connection.get_execution_options().get(_OPTION)
    if not isinstance(found, Keyring):
        raise EncryptionError("this session carries no keyring")
    return found
