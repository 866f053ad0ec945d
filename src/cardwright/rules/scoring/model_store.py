"""The table of risk models: their files, what they were made of, and which one scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Row,
    Table,
    UniqueConstraint,
    bindparam,
    func,
    insert,
    select,
    update,
)

from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable

risk_models = Table(
    "risk_models",
    metadata,
    id_column(),
    reference("program_id"),
    Column("version", Integer, nullable=False),
    text("hash"),
    Column("onnx", LargeBinary, nullable=False),
    json("features"),
    json("metrics"),
    json("trained_on"),
    instant("created_at"),
    text("created_by"),
    Column("is_active", Boolean, nullable=False),
    UniqueConstraint("program_id", "version"),
    UniqueConstraint("program_id", "hash"),
    Index("uq_risk_models_active", "program_id", unique=True, postgresql_where="is_active"),
)
_TOLD: Final = tuple(column for column in risk_models.c if column.name != "onnx")


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A model without its file; `hash` names what is in that, `features` are in the order of its columns."""

    id: str
    program_id: str
    version: int
    hash: str
    features: tuple[str, ...]
    metrics: Mapping[str, Any]
    trained_on: Mapping[str, Any]
    created_at: datetime
    created_by: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """Which model scores."""

    id: str
    version: int
    hash: str


_ACTIVE: Final = joinable(
    select(risk_models.c.id, risk_models.c.version, risk_models.c.hash).where(
        risk_models.c.program_id == bindparam("program_id"), risk_models.c.is_active
    )
)


async def lock_models(session: Session, program_id: str) -> None:
    """Let changes of a program's models come one after the other."""
    key = func.hashtextextended(f"risk models {program_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def insert_model(session: Session, model: RiskModel, content: bytes) -> None:
    """Insert a model, whose version and hash are new to its program."""
    await session.execute(
        insert(risk_models).values(
            id=model.id, program_id=model.program_id, version=model.version, hash=model.hash, onnx=content,
            features=list(model.features), metrics=dict(model.metrics), trained_on=dict(model.trained_on),
            created_at=model.created_at, created_by=model.created_by, is_active=model.is_active,
        )
    )  # fmt: skip


async def set_active(session: Session, program_id: str, version: int | None) -> None:
    """Let one version score, or none; the caller has locked the program's models."""
    mine = risk_models.c.program_id == program_id
    await session.execute(update(risk_models).where(mine, risk_models.c.is_active).values(is_active=False))
    if version is not None:
        chosen = risk_models.c.version == version
        await session.execute(update(risk_models).where(mine, chosen).values(is_active=True))


async def models_of(session: Session, program_id: str) -> Sequence[RiskModel]:
    """Return a program's models, the oldest first."""
    query = select(*_TOLD).where(risk_models.c.program_id == program_id).order_by(risk_models.c.version)
    return [_model(row) for row in await session.execute(query)]


async def find_active(session: Session, program_id: str) -> ActiveModel | None:
    """Return the model that scores, or None."""
    row = (await session.execute(_ACTIVE, {"program_id": program_id})).one_or_none()
    return None if row is None else ActiveModel(*row)


async def content_of(session: Session, model_id: str) -> bytes:
    """Return the file of a model."""
    query = select(risk_models.c.onnx).where(risk_models.c.id == model_id)
    return bytes((await session.execute(query)).scalar_one())


def _model(row: Row[Any]) -> RiskModel:
    return RiskModel(
        row.id, row.program_id, row.version, row.hash, tuple(row.features), row.metrics, row.trained_on,
        row.created_at, row.created_by, row.is_active,
    )  # fmt: skip
