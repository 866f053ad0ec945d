"""Where something is sealed, and the sealed record itself: AES-256-GCM, bound to its place."""

import base64
import binascii
import json
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
SCHEMA: Final = "s1"
_SEPARATOR: Final = ":"
_PARTS: Final = 3
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16


class EncryptionError(Exception):
    """Something cannot be sealed or opened: changed, moved from elsewhere, or under a key that is gone."""


class Purpose(StrEnum):
    """What a data key is for; a key has one purpose only."""

    SEALING = "sealing"
    INDEX = "index"


@dataclass(frozen=True, slots=True)
class Place:
    """The one place where a sealed value opens."""

    table: str
    column: str
    row_id: str
    program_id: str


@dataclass(frozen=True, slots=True)
class Cipher:
    """A data key in use; it shows neither itself nor what it seals."""

    key_id: str
    program_id: str
    aead: AESGCM = field(repr=False)

    def seal(self, place: Place, text: str) -> str:
        """Return `s1:KEY ID:BASE64URL(nonce, ciphertext, tag)` under a nonce that is never used again."""
        self._ensure_program(place)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self.aead.encrypt(nonce, text.encode(), associated_data(place, self.key_id))
        return _SEPARATOR.join((SCHEMA, self.key_id, _encoded(nonce + sealed)))

    def open(self, place: Place, sealed: str) -> str:
        """Return what was sealed for this place; raise EncryptionError for anything else."""
        self._ensure_program(place)
        record = _decoded(sealed)
        try:
            opened = self.aead.decrypt(
                record[:_NONCE_BYTES], record[_NONCE_BYTES:], associated_data(place, self.key_id)
            )
        except InvalidTag:
            raise EncryptionError(f"what is stored in {place} was changed or belongs elsewhere") from None
        return opened.decode()

    def _ensure_program(self, place: Place) -> None:
        if place.program_id != self.program_id:
            raise EncryptionError(f"{self.key_id} is not a key of the program of {place}")


def key_id_of(sealed: str) -> str:
    """Return which key a record names; raise EncryptionError for what is no record."""
    parts = sealed.split(_SEPARATOR)
    if len(parts) != _PARTS or parts[0] != SCHEMA:
        raise EncryptionError("this is no sealed record")
    return parts[1]


def associated_data(place: Place, key_id: str) -> bytes:
    """Return the bytes that bind a record to its place: JSON, so that no two places share them."""
    bound = [SCHEMA, place.program_id, place.table, place.column, place.row_id, key_id]
    return json.dumps(bound, separators=(",", ":")).encode()


def _encoded(record: bytes) -> str:
    return base64.urlsafe_b64encode(record).decode().rstrip("=")


def _decoded(sealed: str) -> bytes:
    text = sealed.rpartition(_SEPARATOR)[2]
    try:
        record = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        raise EncryptionError("this is no sealed record") from None
    # Base 64 has several spellings of the same bytes; only ours is a record.
    if _encoded(record) != text or len(record) < _NONCE_BYTES + _TAG_BYTES:
        raise EncryptionError("this is no sealed record")
    return record
