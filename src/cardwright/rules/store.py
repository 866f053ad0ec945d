"""The tables of published rulebooks. Versions are only ever inserted; the database refuses the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    bindparam,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable
from cardwright.rules.domain import (
    Rule,
    RuleAction,
    Rulebook,
    RuleStage,
    Scoring,
    rule_to_json,
    scoring_to_json,
)

rulebooks = Table(
    "rulebooks",
    metadata,
    reference("program_id"),
    Column("version", Integer, nullable=False),
    text("hash"),
    json("rules"),
    reference("author_id"),
    text("note"),
    instant("created_at"),
    reference("approval_id", nullable=True),
    json("scoring", nullable=True),
    Column("restores", Integer, nullable=True),
    PrimaryKeyConstraint("program_id", "version"),
    CheckConstraint("version > 0", name="version"),
    Index("ix_rulebooks_hash", "program_id", "hash"),
)
active_rulebooks = Table(
    "active_rulebooks",
    metadata,
    id_column("program_id"),
    Column("version", Integer, nullable=False),
    text("hash"),
)


@dataclass(frozen=True, slots=True)
class Publication:
    """A published rulebook: who wrote it, why, since when it counts, and which approval let it pass.

    Without an approval it restores the rules of a version before, or none of its rules decides.
    """

    rulebook: Rulebook
    author_id: str
    note: str
    published_at: datetime
    approval_id: str | None
    restores: int | None = None


@dataclass(frozen=True, slots=True)
class ActiveVersion:
    """Which version decides a program's payments now."""

    version: int
    hash: str


_ACTIVE: Final = joinable(
    select(active_rulebooks).where(active_rulebooks.c.program_id == bindparam("program_id"))
)


async def find_active(session: Session, program_id: str) -> ActiveVersion | None:
    """Return the active version, or None when nothing was ever published."""
    row = (await session.execute(_ACTIVE, {"program_id": program_id})).one_or_none()
    return ActiveVersion(row.version, row.hash) if row else None


async def find_active_for_update(session: Session, program_id: str) -> ActiveVersion:
    """Return the active version, locked; version 0 when nothing was published, and then that is locked."""
    await session.execute(
        insert(active_rulebooks)
        .values(program_id=program_id, version=0, hash=Rulebook(0, ()).hash)
        .on_conflict_do_nothing()
    )
    row = (
        await session.execute(
            select(active_rulebooks).where(active_rulebooks.c.program_id == program_id).with_for_update()
        )
    ).one()
    return ActiveVersion(row.version, row.hash)


async def insert_publication(session: Session, program_id: str, publication: Publication) -> None:
    """Insert a version and make it the active one; the caller holds the lock of the active version."""
    rulebook = publication.rulebook
    await session.execute(
        insert(rulebooks).values(
            program_id=program_id,
            version=rulebook.version,
            hash=rulebook.hash,
            rules=[rule_to_json(rule) for rule in rulebook.rules],
            scoring=scoring_to_json(rulebook.scoring) or null(),
            restores=publication.restores,
            author_id=publication.author_id,
            note=publication.note,
            created_at=publication.published_at,
            approval_id=publication.approval_id,
        )
    )
    await session.execute(
        insert(active_rulebooks)
        .values(program_id=program_id, version=rulebook.version, hash=rulebook.hash)
        .on_conflict_do_update(
            index_elements=["program_id"], set_={"version": rulebook.version, "hash": rulebook.hash}
        )
    )


async def find_version(session: Session, program_id: str, version: int) -> Publication | None:
    """Return a published version."""
    query = select(rulebooks).where(rulebooks.c.program_id == program_id, rulebooks.c.version == version)
    row = (await session.execute(query)).one_or_none()
    return _publication(row) if row else None


async def find_by_hash(session: Session, program_id: str, content_hash: str) -> Publication | None:
    """Return the latest published version with that content."""
    query = (
        select(rulebooks)
        .where(rulebooks.c.program_id == program_id, rulebooks.c.hash == content_hash)
        .order_by(rulebooks.c.version.desc())
        .limit(1)
    )
    row = (await session.execute(query)).one_or_none()
    return _publication(row) if row else None


async def versions_before(
    session: Session, program_id: str, version: int, limit: int
) -> Sequence[Publication]:
    """Return published versions older than one, newest first."""
    query = (
        select(rulebooks)
        .where(rulebooks.c.program_id == program_id, rulebooks.c.version < version)
        .order_by(rulebooks.c.version.desc())
        .limit(limit)
    )
    return [_publication(row) for row in await session.execute(query)]


def _publication(row: Row[Any]) -> Publication:
    rulebook = Rulebook(row.version, stored_rules(row.rules), Scoring(**(row.scoring or {})))
    if rulebook.hash != row.hash:
        raise ValueError(f"the stored rulebook {row.program_id} version {row.version} was tampered with")
    return Publication(rulebook, row.author_id, row.note, row.created_at, row.approval_id, row.restores)


def stored_rules(stored: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Build rules from their JSON."""
    return tuple(_stored_rule(**each) for each in stored)


def _stored_rule(*, action: str, stage: str = RuleStage.LIVE, **rest: Any) -> Rule:
    return Rule(action=RuleAction(action), stage=RuleStage(stage), **rest)
