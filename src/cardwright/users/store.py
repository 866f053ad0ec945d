"""The table of profiles."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    PrimaryKeyConstraint,
    Row,
    RowMapping,
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
from cardwright.db.together import joinable
from cardwright.encryption import SealedColumn, open_all, open_sealed, seal, seal_all
from cardwright.users.domain import Address, Contact, Named, ProfileDetails

profiles = Table(
    "profiles",
    metadata,
    id_column("user_id"),
    reference("program_id"),
    text("full_name"),
    text("phone", nullable=True),
    text("date_of_birth"),
    text("locale"),
    text("time_zone"),
    text("line1", nullable=True),
    text("city", nullable=True),
    text("postal_code", nullable=True),
    text("country", nullable=True),
    text("currency", nullable=True),
    instant("phone_verified_at", nullable=True),
    instant("updated_at"),
)
left_time_zones = Table(
    "left_time_zones",
    metadata,
    reference("user_id"),
    text("time_zone"),
    instant("left_at"),
    PrimaryKeyConstraint("user_id", "time_zone"),
)
SEALED_COLUMNS: Final = tuple(
    SealedColumn(profiles, name, row_id="user_id")
    for name in ("full_name", "phone", "date_of_birth", "line1", "city", "postal_code", "country")
)
_FULL_NAME: Final = SealedColumn(profiles, "full_name", row_id="user_id")
_BORN: Final = SealedColumn(profiles, "date_of_birth", row_id="user_id")
_PHONE: Final = SealedColumn(profiles, "phone", row_id="user_id")
_COUNTRY: Final = SealedColumn(profiles, "country", row_id="user_id")


@dataclass(frozen=True, slots=True)
class StoredDetails:
    """A person's details, and when they proved the phone number among them."""

    details: ProfileDetails
    phone_verified_at: datetime | None


async def save_details(
    session: Session, program_id: str, user_id: str, details: ProfileDetails, *, at: datetime
) -> None:
    """Store a person's details in place of the ones before."""
    texts = _texts(details)
    places = {column.name: column.place(user_id, program_id) for column in SEALED_COLUMNS}
    sealed = await seal_all(session, {places[name]: text for name, text in texts.items() if text is not None})
    values = {
        **{name: sealed.get(place) for name, place in places.items()},
        "locale": details.locale,
        "currency": details.currency,
        "time_zone": details.time_zone,
        "updated_at": at,
    }
    await session.execute(
        insert(profiles)
        .values(user_id=user_id, program_id=program_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


_DETAILS: Final = joinable(
    select(profiles).where(profiles.c.user_id == any_(bindparam("user_ids", type_=ARRAY(Text))))
)
_LEFT: Final = joinable(
    select(left_time_zones.c.time_zone, left_time_zones.c.left_at)
    .where(left_time_zones.c.user_id == bindparam("user_id"))
    .order_by(left_time_zones.c.time_zone)
)


async def find_details(session: Session, user_ids: Collection[str]) -> Mapping[str, StoredDetails]:
    """Return the details of those people who have given them, by user id."""
    rows = await session.execute(_DETAILS, {"user_ids": list(user_ids)})
    return {row["user_id"]: await _stored(session, row) for row in rows.mappings()}


async def find_contacts(session: Session, user_ids: Collection[str]) -> Mapping[str, Contact]:
    """Return how people are written to, by user id; nothing else of what they said is opened."""
    rows = (await session.execute(_DETAILS, {"user_ids": list(user_ids)})).all()
    proven = {
        row.user_id: _PHONE.place(row.user_id, row.program_id)
        for row in rows
        if row.phone is not None and row.phone_verified_at is not None
    }
    opened = await open_all(session, {proven[it.user_id]: it.phone for it in rows if it.user_id in proven})
    phones = {user_id: opened[place] for user_id, place in proven.items()}
    return {row.user_id: Contact(row.locale, row.time_zone, phones.get(row.user_id)) for row in rows}


async def named_page(session: Session, program_id: str, *, after: str, limit: int) -> Sequence[Named]:
    """Return names and dates of birth of a program's people, by user id, those after one."""
    query = select(profiles).where(profiles.c.program_id == program_id, profiles.c.user_id > after)
    return await _named(
        session, (await session.execute(query.order_by(profiles.c.user_id).limit(limit))).all()
    )


async def find_named(session: Session, user_id: str) -> Named | None:
    """Return one person's name and date of birth; None while they have not given them."""
    rows = await session.execute(_DETAILS, {"user_ids": [user_id]})
    return next(iter(await _named(session, rows.all())), None)


async def count_profiles(session: Session, program_id: str) -> int:
    """Return how many people of a program have a profile."""
    query = select(func.count()).select_from(profiles).where(profiles.c.program_id == program_id)
    return (await session.execute(query)).scalar_one()


async def is_reachable(session: Session, user_id: str) -> bool:
    """Answer whether a person has said where they live, and proven a phone."""
    row = (await session.execute(_DETAILS, {"user_ids": [user_id]})).one_or_none()
    return row is not None and None not in (row.line1, row.phone_verified_at)


async def find_home(session: Session, user_id: str) -> tuple[str | None, str] | None:
    """Return a person's country and time zone; nothing else of what they said is opened."""
    row = (await session.execute(_DETAILS, {"user_ids": [user_id]})).one_or_none()
    if row is None:
        return None
    place = _COUNTRY.place(user_id, row.program_id)
    return None if row.country is None else await open_sealed(session, place, row.country), row.time_zone


async def details_for_update(session: Session, user_id: str) -> StoredDetails | None:
    """Return a person's details, locked; or None."""
    query = select(profiles).where(profiles.c.user_id == user_id).with_for_update()
    row = (await session.execute(query)).mappings().one_or_none()
    return None if row is None else await _stored(session, row)


async def save_proven_phone(
    session: Session, program_id: str, user_id: str, phone: str | None, *, at: datetime
) -> None:
    """Write a number that a person has just proven, or None in place of one they no longer want."""
    sealed = None if phone is None else await seal(session, _PHONE.place(user_id, program_id), phone)
    await session.execute(
        update(profiles)
        .where(profiles.c.user_id == user_id)
        .values(phone=sealed, phone_verified_at=None if phone is None else at, updated_at=at)
    )


async def remove_details(session: Session, user_id: str) -> None:
    """Forget what a person said about themselves."""
    await session.execute(delete(profiles).where(profiles.c.user_id == user_id))
    await session.execute(delete(left_time_zones).where(left_time_zones.c.user_id == user_id))


async def leave_time_zone(session: Session, user_id: str, time_zone: str, *, at: datetime) -> None:
    """Remember that somebody does not live in a time zone any more."""
    left = insert(left_time_zones).values(user_id=user_id, time_zone=time_zone, left_at=at)
    await session.execute(
        left.on_conflict_do_update(index_elements=["user_id", "time_zone"], set_={"left_at": at})
    )


async def left_zones(session: Session, user_id: str) -> Sequence[tuple[str, datetime]]:
    """Return the time zones that somebody lived in before, with when they left each last."""
    return [(row.time_zone, row.left_at) for row in await session.execute(_LEFT, {"user_id": user_id})]


async def count_left_zones(session: Session, user_id: str, *, since: datetime) -> int:
    """Return how many time zones somebody has left since an instant."""
    table = left_time_zones.c
    query = select(func.count()).where(table.user_id == user_id, table.left_at > since)
    return (await session.execute(query)).scalar_one()


async def _stored(session: Session, row: RowMapping) -> StoredDetails:
    return StoredDetails(await _details(session, row), row["phone_verified_at"])


async def _named(session: Session, rows: Sequence[Row[Any]]) -> Sequence[Named]:
    sealed = {
        column.place(row.user_id, row.program_id): getattr(row, column.name)
        for row in rows
        for column in (_FULL_NAME, _BORN)
    }
    said = await open_all(session, sealed)
    return [
        Named(
            row.user_id,
            said[_FULL_NAME.place(row.user_id, row.program_id)],
            date.fromisoformat(said[_BORN.place(row.user_id, row.program_id)]),
        )
        for row in rows
    ]


def _texts(details: ProfileDetails) -> Mapping[str, str | None]:
    address = dict.fromkeys(("line1", "city", "postal_code", "country"))
    return {
        "full_name": details.full_name,
        "phone": details.phone,
        "date_of_birth": details.date_of_birth.isoformat(),
        **(asdict(details.address) if details.address else address),
    }


async def _details(session: Session, row: RowMapping) -> ProfileDetails:
    sealed = {
        column.place(row["user_id"], row["program_id"]): row[column.name]
        for column in SEALED_COLUMNS
        if row[column.name] is not None
    }
    said = {place.column: text for place, text in (await open_all(session, sealed)).items()}
    address = (
        Address(said["line1"], said["city"], said["postal_code"], said["country"])
        if "line1" in said
        else None
    )
    return ProfileDetails(
        full_name=said["full_name"],
        date_of_birth=date.fromisoformat(said["date_of_birth"]),
        locale=row["locale"],
        time_zone=row["time_zone"],
        phone=said.get("phone"),
        address=address,
        currency=row["currency"],
    )
