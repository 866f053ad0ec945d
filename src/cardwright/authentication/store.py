"""The table of identities."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Row,
    Select,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from cardwright.authentication.domain import Credentials, Identity
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.encryption import SealedColumn, blind_index, open_all, open_sealed, seal

ERASED_DOMAIN: Final = "erased.invalid"

identities = Table(
    "identities",
    metadata,
    id_column("user_id"),
    reference("program_id"),
    text("email"),
    text("email_index"),
    text("password_hash", nullable=True),
    instant("verified_at", nullable=True),
    instant("created_at"),
    instant("closed_at", nullable=True),
    instant("erased_at", nullable=True),
    UniqueConstraint("program_id", "email_index"),
    CheckConstraint("password_hash IS NULL OR verified_at IS NOT NULL", name="password_proven"),
)

EMAIL: Final = SealedColumn(identities, "email", row_id="user_id")
SEALED_COLUMNS: Final = (EMAIL,)


async def add_identity(session: Session, credentials: Credentials) -> bool:
    """Store a new identity; False when the address is taken within the program."""
    identity = credentials.identity
    sealed = await seal(session, EMAIL.place(identity.user_id, identity.program_id), identity.email)
    index = await blind_index(session, EMAIL, identity.program_id, identity.email)
    added = await session.execute(
        insert(identities)
        .values(
            **{**asdict(identity), "email": sealed},
            email_index=index,
            password_hash=credentials.password_hash,
        )
        .on_conflict_do_nothing(index_elements=["program_id", "email_index"])
        .returning(identities.c.user_id)
    )
    return added.scalar_one_or_none() is not None


_IDENTITY: Final = joinable(select(identities).where(identities.c.user_id == bindparam("user_id")))


async def find_registration(session: Session, user_id: str) -> datetime | None:
    """Return when somebody registered, without who they are."""
    row = (await session.execute(_IDENTITY, {"user_id": user_id})).one_or_none()
    return None if row is None else row.created_at


async def find_identity(session: Session, user_id: str) -> Identity | None:
    """Return who has this id, or None."""
    row = (await session.execute(_IDENTITY, {"user_id": user_id})).one_or_none()
    return None if row is None else await _identity(session, row)


async def find_emails(session: Session, user_ids: Collection[str]) -> Mapping[str, str]:
    """Return the e-mail addresses of people, by user id."""
    query = select(identities.c.user_id, identities.c.program_id, identities.c.email)
    rows = (await session.execute(query.where(identities.c.user_id.in_(user_ids)))).all()
    places = {row.user_id: EMAIL.place(row.user_id, row.program_id) for row in rows}
    opened = await open_all(session, {places[row.user_id]: row.email for row in rows})
    return {user_id: opened[place] for user_id, place in places.items()}


async def list_identities(
    session: Session, *, program_id: str, before: str | None, limit: int,
    among: Collection[str] | None = None,
) -> Sequence[Identity]:  # fmt: skip
    """Return a program's identities, newest first, starting after the user id `before`; those `among` ids."""
    query = select(identities).where(identities.c.program_id == program_id)
    if before is not None:
        query = query.where(identities.c.user_id < before)
    if among is not None:
        query = query.where(identities.c.user_id.in_(among))
    rows = await session.execute(query.order_by(identities.c.user_id.desc()).limit(limit))
    return [await _identity(session, row) for row in rows]


async def find_credentials(session: Session, program_id: str, email: str) -> Credentials | None:
    """Return whose normalized address it is within a program, or None."""
    return await _credentials(session, program_id, email, lock=False)


async def credentials_for_update(session: Session, program_id: str, email: str) -> Credentials | None:
    """Return whose address it is and lock it: what one person proves or changes happens in turn."""
    return await _credentials(session, program_id, email, lock=True)


async def find_credentials_of(session: Session, user_id: str) -> Credentials | None:
    """Return a person's identity and hash, not locked; or None."""
    return await _one(session, select(identities).where(identities.c.user_id == user_id))


async def credentials_of_for_update(session: Session, user_id: str) -> Credentials | None:
    """Return a person's identity and hash, locked; or None."""
    return await _one(session, select(identities).where(identities.c.user_id == user_id).with_for_update())


async def _credentials(session: Session, program_id: str, email: str, *, lock: bool) -> Credentials | None:
    query = select(identities).where(*await _is_of(session, program_id, email))
    return await _one(session, query.with_for_update() if lock else query)


async def _one(session: Session, query: Select[Any]) -> Credentials | None:
    row = (await session.execute(query)).one_or_none()
    return None if row is None else Credentials(await _identity(session, row), row.password_hash)


async def _is_of(session: Session, program_id: str, email: str) -> tuple[ColumnElement[bool], ...]:
    index = await blind_index(session, EMAIL, program_id, email)
    return identities.c.program_id == program_id, identities.c.email_index == index


async def save_password_hash(session: Session, user_id: str, password_hash: str) -> None:
    """Replace the hash of a password."""
    await session.execute(
        update(identities).where(identities.c.user_id == user_id).values(password_hash=password_hash)
    )


async def save_verified(session: Session, user_id: str, password_hash: str | None, at: datetime) -> None:
    """Note that the address is proven, for whoever chose this password; None for whoever has none."""
    await session.execute(
        update(identities)
        .where(identities.c.user_id == user_id)
        .values(password_hash=password_hash, verified_at=at)
    )


async def save_email(session: Session, program_id: str, user_id: str, email: str) -> bool:
    """Replace a person's address; False when somebody else has it."""
    values = {
        "email": await seal(session, EMAIL.place(user_id, program_id), email),
        "email_index": await blind_index(session, EMAIL, program_id, email),
    }
    try:
        async with session.begin_nested():
            await session.execute(update(identities).where(identities.c.user_id == user_id).values(**values))
    except IntegrityError:
        return False
    return True


async def remove_unproven(session: Session, program_id: str, email: str) -> Sequence[str]:
    """Forget an identity that nobody has proven, and return its id; does nothing for any other."""
    removed = (
        delete(identities)
        .where(*await _is_of(session, program_id, email), identities.c.verified_at.is_(None))
        .returning(identities.c.user_id)
    )
    return (await session.execute(removed)).scalars().all()


async def save_closed(session: Session, user_id: str, password_hash: str, at: datetime) -> None:
    """Close an account: note when, and replace its password by one that is nobody's."""
    await session.execute(
        update(identities)
        .where(identities.c.user_id == user_id)
        .values(password_hash=password_hash, closed_at=at)
    )


async def list_closed(session: Session, before: datetime, *, limit: int) -> Sequence[Identity]:
    """Return and lock accounts that were closed before an instant and whose address is still known."""
    query = (
        select(identities)
        .where(identities.c.closed_at < before, identities.c.erased_at.is_(None))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [await _identity(session, row) for row in await session.execute(query)]


async def erase_address(session: Session, identity: Identity, at: datetime) -> None:
    """Replace a closed account's address by one that says nothing and that nobody can have."""
    nowhere = f"{identity.user_id}@{ERASED_DOMAIN}"
    await save_email(session, identity.program_id, identity.user_id, nowhere)
    await session.execute(
        update(identities).where(identities.c.user_id == identity.user_id).values(erased_at=at)
    )


async def _identity(session: Session, row: Row[Any]) -> Identity:
    email = await open_sealed(session, EMAIL.place(row.user_id, row.program_id), row.email)
    return Identity(row.user_id, row.program_id, email, row.verified_at, row.created_at, row.closed_at)
