"""The tables of places: the few texts, merchants and categories that many payments share.

A place is a merchant as a payment names it. Its id is a digest of what it is, so that the row of a payment
says it without anybody having asked for it. What a wallet paid, and with which cards, is kept beside them.
"""

from typing import Any, Final

from sqlalchemy import Column as SqlColumn
from sqlalchemy import (
    Index,
    PrimaryKeyConstraint,
    Select,
    Table,
    Uuid,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import Insert

from cardwright.db.base import metadata, reference, text

PLACE_TEXT: Final = "lower(' ' || (merchant ->> 'name') || ' ' || coalesce(merchant ->> 'city', ''))"
PLACE_ID: Final = (
    "md5(program_id || '/' || merchant_id || '/' || merchant_group || '/' || (merchant ->> 'mcc')"
    f" || {PLACE_TEXT})::uuid"
)
payment_places = Table(
    "payment_places",
    metadata,
    SqlColumn("id", Uuid, primary_key=True),
    reference("program_id"),
    reference("merchant_id"),
    text("merchant_group"),
    text("mcc"),
    text("text"),
    Index("ix_payment_places_merchant_id", "merchant_id"),
    Index("ix_payment_places_program_id_merchant_group", "program_id", "merchant_group"),
    Index("ix_payment_places_program_id_mcc", "program_id", "mcc"),
    Index(
        "ix_payment_places_text", "text",
        postgresql_using="gin", postgresql_ops={"text": "gin_trgm_ops"},
        postgresql_with={"fastupdate": "off"},
    ),
)  # fmt: skip
places_paid = Table(
    "places_paid",
    metadata,
    reference("user_id"),
    SqlColumn("place_id", Uuid, nullable=False),
    PrimaryKeyConstraint("user_id", "place_id"),
)
cards_paid = Table(
    "cards_paid",
    metadata,
    reference("user_id"),
    text("last4"),
    reference("card_id"),
    reference("program_id"),
    PrimaryKeyConstraint("user_id", "last4", "card_id"),
    Index("ix_cards_paid_program_id", "program_id", "last4", "card_id"),
)


def with_its_place(opened: Insert) -> Insert:
    """Return a statement that inserts a payment, and where and with which card was paid if that is new."""
    row = opened.returning(
        *(literal_column(name) for name in ("program_id", "user_id", "card_id", "last4", "place_id")),
        *(literal_column(name) for name in ("merchant_id", "merchant_group", "mcc")),
        literal_column(PLACE_TEXT).label("text"),
    ).cte("opened")
    place = select(row.c.place_id, *(row.c[column.name] for column in list(payment_places.c)[1:]))
    of_the_holder = select(row.c.user_id, row.c.place_id)
    card = select(*(row.c[column.name] for column in cards_paid.c)).where(row.c.last4.is_not(None))
    return _if_new(cards_paid, card).add_cte(
        _if_new(payment_places, place).cte("place"), _if_new(places_paid, of_the_holder).cte("of_the_holder")
    )


def _if_new(table: Table, rows: Select[Any]) -> Insert:
    return insert(table).from_select([column.name for column in table.c], rows).on_conflict_do_nothing()
