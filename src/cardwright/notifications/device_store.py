"""The table of the devices that take push messages, with its statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Index,
    Row,
    Table,
    Text,
    any_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, blind_index, open_sealed, seal
from cardwright.notifications.domain import Device

devices = Table(
    "devices",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("platform"),
    text("push_token"),
    text("push_token_index"),
    instant("created_at"),
    instant("revoked_at", nullable=True),
    CheckConstraint("platform IN ('ios', 'android', 'web')", name="platform"),
)
_ACTIVE: Final = devices.c.revoked_at.is_(None)
# An installed app belongs to the one person who is signed in on it.
Index("uq_devices_push_token_active", devices.c.push_token_index, unique=True, postgresql_where=_ACTIVE)
Index("ix_devices_user_id_active", devices.c.user_id, postgresql_where=_ACTIVE)

_TOKEN: Final = SealedColumn(devices, "push_token")
SEALED_COLUMNS: Final = (_TOKEN,)

_DEVICES: Final = (
    select(devices)
    .where(devices.c.user_id == any_(bindparam("user_ids", type_=ARRAY(Text))), _ACTIVE)
    .order_by(devices.c.id)
)
_COUNT_DEVICES: Final = (
    select(func.count()).select_from(devices).where(devices.c.user_id == bindparam("user_id"), _ACTIVE)
)


async def add_device(session: Session, device: Device) -> Device | None:
    """Store a device and return it, or the one whose push token is active already; None if that just left."""
    index = await blind_index(session, _TOKEN, device.program_id, device.push_token)
    sealed = await seal(session, _TOKEN.place(device.id, device.program_id), device.push_token)
    stored = await session.execute(
        insert(devices)
        .values(asdict(device) | {"push_token": sealed, "push_token_index": index})
        .on_conflict_do_nothing(index_elements=["push_token_index"], index_where=_ACTIVE)
        .returning(devices.c.id)
    )
    if stored.scalar_one_or_none() is not None:
        return device
    found = await session.execute(select(devices).where(devices.c.push_token_index == index, _ACTIVE))
    row = found.one_or_none()
    return None if row is None else await _device(session, row)


async def list_active_devices(session: Session, user_id: str) -> Sequence[Device]:
    """Return the devices that a person's push messages go to, oldest first."""
    return (await devices_of(session, [user_id])).get(user_id, ())


async def devices_of(session: Session, user_ids: Collection[str]) -> Mapping[str, Sequence[Device]]:
    """Return the devices that people's push messages go to, by user id, of each the oldest first."""
    found: dict[str, list[Device]] = {}
    for row in await session.execute(_DEVICES, {"user_ids": list(user_ids)}):
        found.setdefault(row.user_id, []).append(await _device(session, row))
    return found


async def count_active_devices(session: Session, user_id: str) -> int:
    """Return how many devices take a person's push messages."""
    counted = await session.execute(_COUNT_DEVICES, {"user_id": user_id})
    return int(counted.scalar_one())


async def find_device(session: Session, device_id: str) -> Device | None:
    """Return a device, revoked or not."""
    row = (await session.execute(select(devices).where(devices.c.id == device_id))).one_or_none()
    return None if row is None else await _device(session, row)


async def revoke_devices(session: Session, device_ids: Sequence[str], *, at: datetime) -> None:
    """Send nothing to these devices from now on."""
    await session.execute(update(devices).where(devices.c.id.in_(device_ids), _ACTIVE).values(revoked_at=at))


async def revoke_token_of_others(
    session: Session, program_id: str, push_token: str, user_id: str, *, at: datetime
) -> None:
    """Take a push token from whoever else has it; the one way through the wall between customers' devices."""
    index = await blind_index(session, _TOKEN, program_id, push_token)
    await session.execute(select(func.release_push_token(index, user_id, at)))


async def _device(session: Session, row: Row[Any]) -> Device:
    token = await open_sealed(session, _TOKEN.place(row.id, row.program_id), row.push_token)
    return Device(row.id, row.program_id, row.user_id, row.platform, token, row.created_at, row.revoked_at)


async def remove_devices(session: Session, user_id: str) -> None:
    """Forget where a person's push messages went."""
    await session.execute(delete(devices).where(devices.c.user_id == user_id))
