"""The tables of hits and of what was decided about them; names of people of the program are sealed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Row,
    Table,
    Text,
    UniqueConstraint,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql

from cardwright.core.ids import new_id
from cardwright.db.base import id_column, instant, metadata, reference, text
from cardwright.db.session import Session
from cardwright.encryption import SealedColumn, blind_index, open_all, open_sealed, seal, seal_all
from cardwright.kyc.screening.births import Agreement, read_birth
from cardwright.kyc.screening.domain import Hit, HitState, Outcome, Standing
from cardwright.kyc.screening.run_store import screenings

hits = Table(
    "screening_hits",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    text("list_name"),
    text("reference"),
    text("listed_name"),
    Column("listed_names", ARRAY(Text), nullable=False),
    Column("births", ARRAY(Text), nullable=False),
    Column("countries", ARRAY(Text), nullable=False),
    text("programs"),
    Column("score", Integer, nullable=False),
    Column("name_score", Integer, nullable=False),
    text("agreement"),
    text("subject_print"),
    text("entry_print"),
    text("state"),
    Column("version", Integer, nullable=False),
    instant("found_at"),
    instant("changed_at"),
    instant("decided_at", nullable=True),
    reference("decided_by", nullable=True),
    text("person_name", nullable=True),
    text("person_born", nullable=True),
    UniqueConstraint("user_id", "list_name", "reference"),
    CheckConstraint("score BETWEEN 0 AND 100 AND name_score BETWEEN 0 AND 100", name="score"),
    CheckConstraint(
        "CASE state WHEN 'open' THEN decided_at IS NULL WHEN 'outdated' THEN decided_at IS NULL"
        " WHEN 'confirmed' THEN decided_at IS NOT NULL AND decided_by IS NOT NULL"
        " WHEN 'dismissed' THEN decided_at IS NOT NULL AND decided_by IS NOT NULL ELSE false END",
        name="state",
    ),
    Index("ix_screening_hits_program_id_id", "program_id", "id"),
    Index("ix_screening_hits_open", "program_id", "id", postgresql_where="state = 'open'"),
)
decisions = Table(
    "screening_decisions",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("hit_id"),
    text("before"),
    text("after"),
    Column("score", Integer, nullable=False),
    text("reason"),
    reference("decided_by"),
    instant("decided_at"),
    Index("ix_screening_decisions_hit_id_id", "hit_id", "id"),
)
_NAME: Final = SealedColumn(hits, "person_name")
_BORN: Final = SealedColumn(hits, "person_born")
_REASON: Final = SealedColumn(decisions, "reason")
SEALED_COLUMNS: Final = (_NAME, _BORN, _REASON)


@dataclass(frozen=True, slots=True)
class HitFilter:
    """What a hit must be to be listed; without a state, open."""

    state: HitState | None = None
    user_id: str | None = None
    list_name: str | None = None
    min_score: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A person's name and date of birth as they were compared; None once they are forgotten."""

    full_name: str
    born: date


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a hit of a score, and why."""

    before: str
    after: str
    score: int
    reason: str
    decided_by: str
    decided_at: datetime


async def print_of(session: Session, program_id: str, person: Compared) -> str:
    """Return what changes with a person's name or date of birth, and tells neither."""
    return await blind_index(session, _NAME, program_id, f"{person.full_name}\n{person.born.isoformat()}")


async def hits_for_update(session: Session, user_ids: Collection[str]) -> Mapping[str, Sequence[Hit]]:
    """Return the hits of people, locked, by user id."""
    query = select(hits).where(hits.c.user_id.in_(user_ids)).order_by(hits.c.id).with_for_update()
    found: dict[str, list[Hit]] = {user_id: [] for user_id in user_ids}
    for row in await session.execute(query):
        found[row.user_id].append(_hit(row))
    return found


async def hits_of(session: Session, user_id: str, *, limit: int = 200) -> Sequence[Hit]:
    """Return the hits of one person, newest first."""
    query = select(hits).where(hits.c.user_id == user_id).order_by(hits.c.id.desc()).limit(limit)
    return [_hit(row) for row in await session.execute(query)]


async def add_hit(session: Session, hit: Hit, person: Compared) -> bool:
    """Insert a hit with the person's name sealed; False when the pair has one."""
    added = await session.execute(
        postgresql.insert(hits)
        .values(**_values(hit), **await _sealed(session, hit, person))
        .on_conflict_do_nothing(index_elements=["user_id", "list_name", "reference"])
    )
    return added.rowcount == 1


async def save_found(session: Session, hit: Hit, person: Compared) -> None:
    """Write a hit that was found again, with the name it was found by."""
    values = {**_values(hit), **await _sealed(session, hit, person)}
    await session.execute(update(hits).where(hits.c.id == hit.id).values(**values))


async def save_state(session: Session, hit: Hit) -> None:
    """Write what a decision changes of a hit, or its entry's leaving."""
    await session.execute(
        update(hits)
        .where(hits.c.id == hit.id)
        .values(
            state=hit.state, version=hit.version, changed_at=hit.changed_at, decided_at=hit.decided_at,
            decided_by=hit.decided_by,
        )
    )  # fmt: skip


async def find_hit(session: Session, hit_id: str, *, lock: bool = False) -> Hit | None:
    """Return a hit, locked if asked for."""
    query = select(hits).where(hits.c.id == hit_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _hit(row)


async def compared_person(session: Session, hit: Hit) -> Compared | None:
    """Return by what name and date of birth a person was compared; None once they are forgotten."""
    row = (
        await session.execute(select(hits.c.person_name, hits.c.person_born).where(hits.c.id == hit.id))
    ).one()
    if row.person_name is None or row.person_born is None:
        return None
    places = {
        _NAME.place(hit.id, hit.program_id): row.person_name,
        _BORN.place(hit.id, hit.program_id): row.person_born,
    }
    said = {place.column: told for place, told in (await open_all(session, places)).items()}
    return Compared(said["person_name"], date.fromisoformat(said["person_born"]))


async def hits_page(
    session: Session, program_id: str, wanted: HitFilter, *, before: str | None, limit: int
) -> Sequence[Hit]:
    """Return hits, newest first."""
    query = select(hits).where(
        hits.c.program_id == program_id, hits.c.state == (wanted.state or HitState.OPEN)
    )
    if wanted.user_id is not None:
        query = query.where(hits.c.user_id == wanted.user_id)
    if wanted.list_name is not None:
        query = query.where(hits.c.list_name == wanted.list_name)
    if wanted.min_score is not None:
        query = query.where(hits.c.score >= wanted.min_score)
    if before is not None:
        query = query.where(hits.c.id < before)
    return [_hit(row) for row in await session.execute(query.order_by(hits.c.id.desc()).limit(limit))]


async def standing(session: Session, user_id: str) -> Standing:
    """Return where a person stands: confirmed before open, and unscreened before any screening."""
    states = set(await session.scalars(select(hits.c.state).where(hits.c.user_id == user_id)))
    for state, found in ((HitState.CONFIRMED, Standing.CONFIRMED), (HitState.OPEN, Standing.OPEN)):
        if state in states:
            return found
    last = select(screenings.c.outcome).where(screenings.c.user_id == user_id).limit(1)
    return Standing.UNSCREENED if await session.scalar(last) is None else Standing.CLEAR


async def add_decision(session: Session, hit: Hit, decision: Decision) -> None:
    """Write down a decision, its reason sealed."""
    decision_id = new_id("hdec")
    values = asdict(decision) | {
        "reason": await seal(session, _REASON.place(decision_id, hit.program_id), decision.reason)
    }
    await session.execute(
        insert(decisions).values(
            id=decision_id, program_id=hit.program_id, user_id=hit.user_id, hit_id=hit.id, **values
        )
    )


async def decisions_of(session: Session, hit: Hit) -> Sequence[Decision]:
    """Return what was decided about a hit, in order."""
    rows = await session.execute(
        select(decisions).where(decisions.c.hit_id == hit.id).order_by(decisions.c.id)
    )
    return [
        Decision(
            row.before, row.after, row.score,
            await open_sealed(session, _REASON.place(row.id, hit.program_id), row.reason), row.decided_by,
            row.decided_at,
        )
        for row in rows.all()
    ]  # fmt: skip


async def forget_names(session: Session, user_id: str) -> None:
    """Forget by what name a person was compared, unless it was confirmed that they are listed."""
    await session.execute(
        update(hits)
        .where(hits.c.user_id == user_id, hits.c.state != HitState.CONFIRMED)
        .values(person_name=None, person_born=None)
    )


async def _sealed(session: Session, hit: Hit, person: Compared) -> Mapping[str, str]:
    texts = {
        _NAME.place(hit.id, hit.program_id): person.full_name,
        _BORN.place(hit.id, hit.program_id): person.born.isoformat(),
    }
    return {place.column: sealed for place, sealed in (await seal_all(session, texts)).items()}


def outcome_of(found: Collection[Hit]) -> tuple[Outcome, int]:
    """Return what a screening found, and how many hits stand after it."""
    standing_hits = sum(it.state in {HitState.OPEN, HitState.CONFIRMED} for it in found)
    return (Outcome.HITS if standing_hits else Outcome.CLEAR), standing_hits


def _values(hit: Hit) -> dict[str, Any]:
    return asdict(hit) | {
        "births": [str(it) for it in hit.births], "listed_names": list(hit.listed_names),
        "countries": list(hit.countries),
    }  # fmt: skip


def _hit(row: Row[Any]) -> Hit:
    found = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to read a row by names
    del found["person_name"], found["person_born"]
    return Hit(
        **found | {
            "listed_names": tuple(row.listed_names), "births": tuple(read_birth(it) for it in row.births),
            "countries": tuple(row.countries), "agreement": Agreement(row.agreement),
            "state": HitState(row.state),
        }
    )  # fmt: skip
