"""The tables of webhook endpoints and of the keys that sign for them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Index,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from cardwright.core.sensitive import Sensitive
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import EncryptionError, SealedColumn, open_sealed, seal
from cardwright.webhooks.domain import DisabledBecause, Endpoint, Signature
from cardwright.webhooks.signing import SigningKey

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id", nullable=True),
    reference("created_by"),
    text("url"),
    text("description"),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("signatures", ARRAY(Text), nullable=False),
    instant("created_at"),
    instant("updated_at"),
    text("disabled_because", nullable=True),
    instant("disabled_at", nullable=True),
    instant("failing_since", nullable=True),
    instant("deleted_at", nullable=True),
    Index(None, "program_id", "id"),
    Index(None, "user_id", "id"),
    CheckConstraint("(disabled_because IS NULL) = (disabled_at IS NULL)", name="disabled_because"),
    CheckConstraint("cardinality(event_types) > 0", name="event_types"),
    CheckConstraint("cardinality(signatures) > 0 AND signatures <@ ARRAY['v1', 'v1a']", name="signatures"),
)
webhook_keys = Table(
    "webhook_keys",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id", nullable=True),
    reference("endpoint_id", index=True),
    text("signature"),
    text("key"),
    text("public_key", nullable=True),
    instant("created_at"),
    instant("ends_at", nullable=True),
    CheckConstraint("signature IN ('v1', 'v1a')", name="signature"),
)
_log = structlog.get_logger()
KEY: Final = SealedColumn(webhook_keys, "key")
SEALED_COLUMNS: Final = (KEY,)
_EXISTS: Final[ColumnElement[bool]] = webhook_endpoints.c.deleted_at.is_(None)
_SHOWN: Final = tuple(column for column in webhook_endpoints.c if column.name != "deleted_at")


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key without its text. `ends_at` is set once it has a successor."""

    id: str
    signature: Signature
    public_key: str | None
    created_at: datetime
    ends_at: datetime | None


async def count_endpoints(session: Session, program_id: str, user_id: str | None) -> int:
    """Return how many endpoints an owner has, after locking out whoever else counts them."""
    owner = user_id or program_id
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"webhooks:{owner}", 0))))
    query = select(func.count()).where(
        webhook_endpoints.c.program_id == program_id,
        webhook_endpoints.c.user_id.is_not_distinct_from(user_id),
        _EXISTS,
    )
    return int((await session.execute(query)).scalar_one())


async def add_endpoint(session: Session, endpoint: Endpoint) -> None:
    """Store a fresh endpoint."""
    await session.execute(insert(webhook_endpoints).values(**_row(endpoint)))


async def save_endpoint(session: Session, endpoint: Endpoint) -> None:
    """Store what an endpoint is from now on."""
    row = _row(endpoint)
    kept = ("id", "program_id", "user_id", "created_by", "created_at")
    values = {name: value for name, value in row.items() if name not in kept}
    await session.execute(
        update(webhook_endpoints).where(webhook_endpoints.c.id == endpoint.id).values(**values)
    )


async def find_endpoint(session: Session, endpoint_id: str, *, lock: bool = False) -> Endpoint | None:
    """Return an endpoint that was not deleted; `lock` keeps it as it is until the transaction ends."""
    query = select(*_SHOWN).where(webhook_endpoints.c.id == endpoint_id, _EXISTS)
    if lock:
        query = query.with_for_update()
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else _endpoint(row)


async def find_endpoints(session: Session, endpoint_ids: Sequence[str]) -> Mapping[str, Endpoint]:
    """Return those of several endpoints that were not deleted."""
    query = select(*_SHOWN).where(webhook_endpoints.c.id.in_(endpoint_ids), _EXISTS)
    return {row["id"]: _endpoint(row) for row in (await session.execute(query)).mappings()}


async def list_endpoints(
    session: Session, *, program_id: str, user_id: str | None, before: str | None, limit: int
) -> Sequence[Endpoint]:
    """Return the endpoints of a holder, or of everybody in the program for None, newest first."""
    query = select(*_SHOWN).where(webhook_endpoints.c.program_id == program_id, _EXISTS)
    if user_id is not None:
        query = query.where(webhook_endpoints.c.user_id == user_id)
    if before is not None:
        query = query.where(webhook_endpoints.c.id < before)
    rows = await session.execute(query.order_by(webhook_endpoints.c.id.desc()).limit(limit))
    return [_endpoint(row) for row in rows.mappings()]


async def mark_deleted(session: Session, endpoint_id: str, *, at: datetime) -> None:
    """Let an endpoint be no more; what was sent to it is kept until its time is over. Its keys go at once."""
    await session.execute(
        update(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id).values(deleted_at=at)
    )
    await session.execute(delete(webhook_keys).where(webhook_keys.c.endpoint_id == endpoint_id))


async def add_key(
    session: Session, key_id: str, endpoint: Endpoint, key: SigningKey, *, at: datetime
) -> None:
    """Store a fresh key, sealed."""
    sealed = await seal(session, KEY.place(key_id, endpoint.program_id), key.text.reveal())
    await session.execute(
        insert(webhook_keys).values(
            id=key_id,
            program_id=endpoint.program_id,
            user_id=endpoint.user_id,
            endpoint_id=endpoint.id,
            signature=key.signature.value,
            key=sealed,
            public_key=key.public_key,
            created_at=at,
        )
    )


async def end_keys(session: Session, endpoint_id: str, *, at: datetime, until: datetime) -> None:
    """Let the present keys sign until an instant; those that end already do so as was promised.

    No key is left when that instant is not ahead.
    """
    of_endpoint = webhook_keys.c.endpoint_id == endpoint_id
    if until <= at:
        await session.execute(delete(webhook_keys).where(of_endpoint))
    else:
        present = webhook_keys.c.ends_at.is_(None)
        await session.execute(update(webhook_keys).where(of_endpoint, present).values(ends_at=until))


async def list_keys(
    session: Session, endpoint_ids: Sequence[str], *, at: datetime
) -> Mapping[str, Sequence[KeptKey]]:
    """Return the keys that sign for each of several endpoints, newest first, without their texts."""
    columns = [column for column in webhook_keys.c if column.name != "key"]
    found: dict[str, list[KeptKey]] = {endpoint_id: [] for endpoint_id in endpoint_ids}
    query = select(*columns).where(webhook_keys.c.endpoint_id.in_(endpoint_ids), _counts(at))
    for row in await session.execute(query.order_by(webhook_keys.c.id.desc())):
        kept = KeptKey(row.id, Signature(row.signature), row.public_key, row.created_at, row.ends_at)
        found[row.endpoint_id].append(kept)
    return found


async def open_keys(
    session: Session, endpoint_ids: Sequence[str], *, at: datetime
) -> Mapping[str, Sequence[SigningKey]]:
    """Return the keys that sign for each of several endpoints, newest first.

    One that cannot be opened is left out and told of in the log: the other endpoints are not held up by it.
    """
    query = select(webhook_keys).where(webhook_keys.c.endpoint_id.in_(endpoint_ids), _counts(at))
    found: dict[str, list[SigningKey]] = {endpoint_id: [] for endpoint_id in endpoint_ids}
    for row in (await session.execute(query.order_by(webhook_keys.c.id.desc()))).all():
        try:
            opened = await open_sealed(session, KEY.place(row.id, row.program_id), row.key)
        except EncryptionError:
            _log.error("webhook_key_unreadable", key_id=row.id, endpoint_id=row.endpoint_id)
            continue
        key = SigningKey(Signature(row.signature), Sensitive(opened), row.public_key)
        found[row.endpoint_id].append(key)
    return found


async def remove_ended_keys(session: Session, *, at: datetime) -> None:
    """Remove the keys that sign no more."""
    await session.execute(delete(webhook_keys).where(webhook_keys.c.ends_at <= at))


def _counts(at: datetime) -> ColumnElement[bool]:
    return webhook_keys.c.ends_at.is_(None) | (webhook_keys.c.ends_at > at)


def _row(endpoint: Endpoint) -> dict[str, Any]:
    return {
        **asdict(endpoint),
        "event_types": list(endpoint.event_types),
        "signatures": [signature.value for signature in endpoint.signatures],
        "disabled_because": endpoint.disabled_because and endpoint.disabled_because.value,
    }


def _endpoint(row: Mapping[Any, Any]) -> Endpoint:
    because = row["disabled_because"]
    return Endpoint(
        **{
            **row,
            "event_types": tuple(row["event_types"]),
            "signatures": tuple(map(Signature, row["signatures"])),
            "disabled_because": None if because is None else DisabledBecause(because),
        }
    )
