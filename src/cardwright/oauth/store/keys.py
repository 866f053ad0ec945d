"""The table of signing keys: public halves for everybody, private halves sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Index, Table, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn


class KeyState(StrEnum):
    """NEXT is published before it signs, ACTIVE signs, RETIRED verifies what it signed for a while."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


oauth_signing_keys = Table(
    "oauth_signing_keys",
    metadata,
    id_column(),
    reference("program_id"),
    text("state"),
    json("public_key"),
    text("private_key"),
    instant("created_at"),
    instant("activated_at", nullable=True),
    instant("published_until", nullable=True),
    *(
        Index(
            f"uq_oauth_signing_keys_program_id_{state}",
            "program_id",
            unique=True,
            postgresql_where=f"state = '{state}'",
        )
        for state in (KeyState.NEXT, KeyState.ACTIVE)
    ),
)

PRIVATE_KEY: Final = SealedColumn(oauth_signing_keys, "private_key")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key; its id is its RFC 7638 thumbprint, `private_key` the sealed JWK."""

    id: str
    program_id: str
    state: KeyState
    public_key: Mapping[str, Any]
    private_key: str = field(repr=False)
    created_at: datetime
    activated_at: datetime | None = None
    published_until: datetime | None = None


async def add_key(session: Session, key: SigningKey) -> bool:
    """Store a key; False when its program already has one in that state."""
    added = await session.execute(
        insert(oauth_signing_keys)
        .values(**asdict(key))
        .on_conflict_do_nothing()
        .returning(oauth_signing_keys.c.id)
    )
    return added.scalar_one_or_none() is not None


async def find_key(session: Session, program_id: str, state: KeyState) -> SigningKey | None:
    """Return a program's next or active key, or None."""
    query = select(oauth_signing_keys).where(
        oauth_signing_keys.c.program_id == program_id, oauth_signing_keys.c.state == state
    )
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else _key(row)


async def keys_for_update(session: Session, program_id: str) -> Sequence[SigningKey]:
    """Return and lock a program's next and active keys: they are rotated by one at a time."""
    query = select(oauth_signing_keys).where(
        oauth_signing_keys.c.program_id == program_id,
        oauth_signing_keys.c.state.in_((KeyState.NEXT, KeyState.ACTIVE)),
    )
    rows = await session.execute(query.order_by(oauth_signing_keys.c.id).with_for_update())
    return [_key(row) for row in rows.mappings()]


async def list_published(session: Session, program_id: str, at: datetime) -> Sequence[SigningKey]:
    """Return the keys that verifiers should know at `at`."""
    until = oauth_signing_keys.c.published_until
    query = select(oauth_signing_keys).where(
        oauth_signing_keys.c.program_id == program_id, or_(until.is_(None), until > at)
    )
    rows = await session.execute(query.order_by(oauth_signing_keys.c.created_at, oauth_signing_keys.c.id))
    return [_key(row) for row in rows.mappings()]


async def save_active(session: Session, key_id: str, at: datetime) -> None:
    """Let a key sign from now on."""
    await session.execute(
        update(oauth_signing_keys)
        .where(oauth_signing_keys.c.id == key_id)
        .values(state=KeyState.ACTIVE, activated_at=at)
    )


async def save_retired(session: Session, key_id: str, *, published_until: datetime) -> None:
    """Let a key sign no more; what it signed is good until it is published no more."""
    await session.execute(
        update(oauth_signing_keys)
        .where(oauth_signing_keys.c.id == key_id)
        .values(state=KeyState.RETIRED, published_until=published_until)
    )


def _key(row: Mapping[Any, Any]) -> SigningKey:
    return SigningKey(**{**row, "state": KeyState(row["state"])})
