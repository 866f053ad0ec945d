"""The data keys of one process: unwrapped once each, kept in memory, never shown."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import structlog
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.clock import Clock
from cardwright.core.ids import new_id
from cardwright.db.session import Session, transaction
from cardwright.encryption import store
from cardwright.encryption.columns import SealedColumn
from cardwright.encryption.domain import KEY_BYTES, Cipher, EncryptionError, Place, Purpose
from cardwright.encryption.ports import KeyProvider, WrappedKey
from cardwright.encryption.store import DataKey

_ATTEMPTS: Final = 5
_WARMING_SECONDS: Final = 5.0
_log = structlog.get_logger()


class Keyring:
    """Gives out ciphers; asks the provider only for keys that this process has not seen yet."""

    def __init__(self, provider: KeyProvider, columns: Iterable[SealedColumn], clock: Clock) -> None:
        self.provider = provider
        self.columns = tuple(columns)
        self.clock = clock
        self._known_columns = {(column.table.name, column.name) for column in self.columns}
        self._ciphers: dict[str, Cipher] = {}
        self._index_keys: dict[str, bytes] = {}
        self._unwrapping = asyncio.Lock()

    def __repr__(self) -> str:
        return f"Keyring({len(self._ciphers)} keys)"

    def ensure_known(self, place: Place) -> None:
        """Raise EncryptionError for a column that rotation does not know: its rows would be lost one day."""
        if (place.table, place.column) not in self._known_columns:
            raise EncryptionError(f"{place.table}.{place.column} is not among the sealed columns")

    def find_cipher(self, key_id: str) -> Cipher | None:
        """Return a cipher that is in the process already."""
        return self._ciphers.get(key_id)

    async def cipher(self, session: Session, key_id: str) -> Cipher:
        """Return the cipher of a key, fetched and unwrapped on first use; EncryptionError for no such key."""
        found = self._ciphers.get(key_id)
        if found is not None:
            return found
        key = await store.find_key(session, key_id)
        if key is None or key.purpose != Purpose.SEALING:
            raise EncryptionError(f"there is no sealing key {key_id}")
        return await self._cipher_of(key)

    async def current_cipher(self, session: Session, program_id: str) -> Cipher:
        """Return what to seal with now; the key stays current until the session ends."""
        return await self._cipher_of(await self._current(session, program_id, Purpose.SEALING))

    async def index_key(self, session: Session, program_id: str) -> bytes:
        """Return the key of a program's blind indexes."""
        known = self._index_keys.get(program_id)
        if known is None:
            key = await self._current(session, program_id, Purpose.INDEX)
            known = self._index_keys[program_id] = await self._unwrap(key)
        return known

    async def warm(self, session: Session, program_id: str) -> None:
        """Make and unwrap every key of a program that is new to this process, so that no request has to."""
        await self.index_key(session, program_id)
        await self.current_cipher(session, program_id)
        for key in await store.list_keys(session, program_id):
            if key.purpose == Purpose.SEALING and key.destroyed_at is None:
                await self._cipher_of(key)

    async def make_key(self, program_id: str, purpose: Purpose, epoch: int) -> DataKey:
        """Return a fresh wrapped key that is not stored yet."""
        key = DataKey(new_id("dek"), program_id, purpose, epoch, "", None, self.clock.now())
        wrapped = await self.provider.wrap(secrets.token_bytes(KEY_BYTES), _context(key))
        return replace(key, provider_key_id=wrapped.provider_key_id, wrapped_key=wrapped.ciphertext)

    async def rewrapped(self, key: DataKey) -> WrappedKey:
        """Return a key under the provider's newest key-encryption key."""
        return await self.provider.wrap(await self._unwrap(key), _context(key))

    async def opens(self, key: DataKey) -> bool:
        """Answer whether the provider unwraps a key; EncryptionError or Unavailable where it does not."""
        return bool(await self._unwrap(key))

    async def _current(self, session: Session, program_id: str, purpose: Purpose) -> DataKey:
        for _ in range(_ATTEMPTS):
            found = await store.current_key_for_share(session, program_id, purpose)
            if found is not None:
                return found
            # In a transaction of its own: no cached key may depend on what the caller's comes to.
            first = await self.make_key(program_id, purpose, epoch=1)
            async with transaction(session.engine) as own:
                await store.add_key(own, first)
        raise EncryptionError(f"{program_id} has no current key for {purpose}")

    async def _cipher_of(self, key: DataKey) -> Cipher:
        if key.id not in self._ciphers:
            async with self._unwrapping:
                if key.id not in self._ciphers:
                    self._ciphers[key.id] = Cipher(key.id, key.program_id, AESGCM(await self._unwrap(key)))
        return self._ciphers[key.id]

    async def _unwrap(self, key: DataKey) -> bytes:
        plain = await self.provider.unwrap(key.wrapped, _context(key))
        if len(plain) != KEY_BYTES:
            raise EncryptionError(f"{key.id} is not a key of {KEY_BYTES} bytes")
        return plain


async def keep_warm(keyring: Keyring, engine: AsyncEngine, program_id: str) -> None:
    """Learn of new epochs in the background, for ever, so that an authorization rarely meets a new one."""
    while True:
        await asyncio.sleep(_WARMING_SECONDS)
        try:
            async with transaction(engine) as session:
                await keyring.warm(session, program_id)
        except Exception as error:  # noqa: BLE001 - a request that needs the key fetches it itself
            _log.warning("keys_not_warmed", error=type(error).__name__)


def _context(key: DataKey) -> Mapping[str, str]:
    return {"program_id": key.program_id, "key_id": key.id, "purpose": str(key.purpose)}
