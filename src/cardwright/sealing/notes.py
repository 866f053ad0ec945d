"""Signing checkpoints as C2SP signed notes, with a key that does nothing else."""

from base64 import b64encode
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from cardwright.core.sensitive import Sensitive
from cardwright.sealing.verifier import Checkpoint, is_signed, key_id_of


class CheckpointSigner:
    """Holds the signing key, and knows the public keys of those that were used before it."""

    def __init__(self, key_pem: Sensitive, retired_keys_pem: Sequence[str] = ()) -> None:
        key = load_pem_private_key(key_pem.reveal().encode(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("The key that seals is not an Ed25519 key.")  # noqa: TRY004 - a setting
        self._key = key
        self._known = (key.public_key(), *(read_public_key(pem.encode()) for pem in retired_keys_pem))

    def sign(self, origin: str, size: int, root: bytes) -> str:
        """Return the signed note on a tree of `size` leaves."""
        text = f"{origin}\n{size}\n{b64encode(root).decode()}\n"
        signed = key_id_of(origin, self._key.public_key()) + self._key.sign(text.encode())
        return f"{text}\n\N{EM DASH} {origin} {b64encode(signed).decode()}\n"

    def has_signed(self, checkpoint: Checkpoint) -> bool:
        """Answer whether a checkpoint is of this key or of one before it."""
        return is_signed(checkpoint, self._known)

    @property
    def public_keys(self) -> Sequence[Ed25519PublicKey]:
        """The keys that checkpoints of this deployment are signed with, the present one first."""
        return self._known

    def public_key_pem(self) -> str:
        """Return the present public key, for those who verify."""
        pem = self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return pem.decode()


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """Return the Ed25519 public key of a PEM; raise ValueError for anything else."""
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("This is not the PEM of an Ed25519 public key.")  # noqa: TRY004 - read from a file
    return key
