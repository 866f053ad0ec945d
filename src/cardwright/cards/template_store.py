"""The table of card templates."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Boolean, Column, Index, Row, Table, insert, select, update

from cardwright.cards.domain import (
    Blueprint,
    CardType,
    Control,
    Dimension,
    Effect,
    Limit,
    Measure,
    Selection,
    Template,
    Terms,
    Window,
)
from cardwright.db.base import id_column, instant, json, metadata, reference, text
from cardwright.db.session import Session

card_templates = Table(
    "card_templates",
    metadata,
    id_column(),
    reference("program_id"),
    text("name"),
    text("description"),
    json("blueprint"),
    Column("is_active", Boolean, nullable=False),
    instant("created_at"),
    Index("ix_card_templates_program_id_id", "program_id", "id"),
)


async def insert_template(session: Session, template: Template) -> None:
    """Insert a template."""
    await session.execute(
        insert(card_templates).values(
            id=template.id, program_id=template.program_id, name=template.name,
            description=template.description, blueprint=_written(template.blueprint),
            is_active=template.is_active, created_at=template.created_at,
        )
    )  # fmt: skip


async def save_template(session: Session, template: Template) -> None:
    """Write a template anew."""
    await session.execute(
        update(card_templates)
        .where(card_templates.c.id == template.id)
        .values(
            name=template.name, description=template.description, is_active=template.is_active,
            blueprint=_written(template.blueprint),
        )
    )  # fmt: skip


async def find_template(
    session: Session, program_id: str, template_id: str, *, lock: bool = False
) -> Template | None:
    """Return a template of a program, locked if it is to be changed."""
    query = select(card_templates).where(
        card_templates.c.program_id == program_id, card_templates.c.id == template_id
    )
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _template(row)


async def templates_page(
    session: Session, program_id: str, *, is_active: bool | None, before: str | None, limit: int
) -> Sequence[Template]:
    """Return templates, newest first; only those that can be picked, or all."""
    query = select(card_templates).where(card_templates.c.program_id == program_id)
    if is_active is not None:
        query = query.where(card_templates.c.is_active.is_(is_active))
    if before is not None:
        query = query.where(card_templates.c.id < before)
    rows = await session.execute(query.order_by(card_templates.c.id.desc()).limit(limit))
    return [_template(row) for row in rows]


def _written(blueprint: Blueprint) -> dict[str, Any]:
    # Of the terms, dates belong to cards: a template says how many days.
    return asdict(blueprint) | {
        "terms": {
            name: getattr(blueprint.terms, name)
            for name in ("uses", "exact_amount", "is_locked", "merchant_id")
        }
    }


def _template(row: Row[Any]) -> Template:
    return Template(
        row.id, row.program_id, row.name, row.description, _read(row.blueprint), row.is_active, row.created_at
    )


def _read(written: Mapping[str, Any]) -> Blueprint:
    return Blueprint(
        CardType(written["type"]), Terms(**written["terms"]), tuple(map(_limit, written["limits"])),
        tuple(map(_control, written["controls"])), written["colour"], written["icon"],
        written["processor"], written["valid_for_days"],
    )  # fmt: skip


def _limit(written: Mapping[str, Any]) -> Limit:
    only = Selection(**{name: tuple(values) for name, values in written["only"].items()})
    return Limit(
        Window(written["window"]), written["at_most"], Measure(written["measure"]), written["span_seconds"],
        only,
    )  # fmt: skip


def _control(written: Mapping[str, Any]) -> Control:
    return Control(Dimension(written["dimension"]), Effect(written["effect"]), tuple(written["values"]))
