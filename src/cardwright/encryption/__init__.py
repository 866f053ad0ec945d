"""Personal data and secrets at rest: sealed where they are stored, under keys that can be replaced.

A slice declares in its store which of its columns are sealed, and uses them like this::

    EMAIL = SealedColumn(identities, "email", row_id="user_id")
    SEALED_COLUMNS = (EMAIL,)                     # exported by the slice's face, collected by wiring

    sealed = await seal(session, EMAIL.place(user_id, program_id), "ada@example.org")    # what to store
    email = await open_sealed(session, EMAIL.place(user_id, program_id), row.email)      # what it says

`seal_all` and `open_all` do the same for many values at once. The column is plain text in PostgreSQL, its
table also has the id of the program, and rows may be updated: rotation writes them anew. What is sealed opens
in its own row, column, table and program only; anything else is an EncryptionError, a mistake or an attack,
never the caller's fault. To look something up by a sealed value, store its blind index beside it::

    index = await blind_index(session, EMAIL, program_id, "ada@example.org")

The keys come with the session: its engine was made with a Keyring (see `with_keyring`). Opening needs no
query once the key is in the process; sealing asks which key is the current one.
"""

from cardwright.encryption.columns import SealedColumn
from cardwright.encryption.domain import EncryptionError, Place
from cardwright.encryption.keyring import Keyring, keep_warm
from cardwright.encryption.ports import KeyProvider, WrappedKey
from cardwright.encryption.rotation import Rotation, rewrap
from cardwright.encryption.service import (
    blind_index,
    open_all,
    open_sealed,
    seal,
    seal_all,
    warm,
    with_keyring,
)
from cardwright.encryption.status import KeyStatus, can_unwrap, list_key_status
from cardwright.encryption.store import list_programs

__all__ = [
    "EncryptionError",
    "KeyProvider",
    "KeyStatus",
    "Keyring",
    "Place",
    "Rotation",
    "SealedColumn",
    "WrappedKey",
    "blind_index",
    "can_unwrap",
    "keep_warm",
    "list_key_status",
    "list_programs",
    "open_all",
    "open_sealed",
    "rewrap",
    "seal",
    "seal_all",
    "warm",
    "with_keyring",
]
