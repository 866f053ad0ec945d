"""The tables of payments, their elements and decisions. Elements and decisions are only ever inserted."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Row,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    any_,
    bindparam,
    func,
    insert,
    select,
    update,
)

from cardwright.db.base import id_column, instant, json, metadata, minor_units, reference, text
from cardwright.db.session import Session
from cardwright.db.together import joinable, together
from cardwright.ledger import Account
from cardwright.payments.decision import Facts, Verdict
from cardwright.payments.domain import Element, ElementKind, Merchant, Payment
from cardwright.payments.place_store import PLACE_ID, with_its_place

_NEWEST_FIRST: Final = ("opened_at", "id")
_CHANGING: Final = ("status", "amount")
_FIGURES: Final = ("status", "held", "posted", "counted", "amount")


def _with(*columns: str) -> Mapping[str, Any]:
    return {"postgresql_include": columns}


payments = Table(
    "payments",
    metadata,
    id_column(),
    reference("program_id"),
    reference("user_id"),
    reference("card_id"),
    reference("root_card_id"),
    text("last4", nullable=True),
    text("currency"),
    text("source"),
    text("reference"),
    json("merchant"),
    reference("merchant_id"),
    text("merchant_group"),
    Column("mcc", Text, Computed("merchant ->> 'mcc'", persisted=True), nullable=False),
    Column("merchant_country", Text, Computed("merchant ->> 'country'", persisted=True), nullable=False),
    text("channel"),
    instant("opened_at"),
    # What the elements add up to, kept in the same transaction for limits and lists.
    text("status"),
    minor_units("held"),
    minor_units("posted"),
    minor_units("counted"),
    minor_units("amount"),
    Column("place_id", Uuid, Computed(PLACE_ID, persisted=True), nullable=False),
    UniqueConstraint("source", "reference"),
    CheckConstraint("held >= 0", name="held"),
    Index("ix_payments_root_card_id", "root_card_id", "opened_at"),
    # Newest first by each way to look, with what else may be asked for: what is passed over is not read.
    # The ADR on the log's speed says what each of them costs and saves.
    Index("ix_payments_user_id_opened_at", "user_id", *_NEWEST_FIRST),
    Index("ix_payments_program_id", "program_id", *_NEWEST_FIRST),
    Index("ix_payments_card_id", "card_id", *_NEWEST_FIRST, **_with("user_id", "program_id", *_CHANGING)),
    Index(
        "ix_payments_user_id_place_id", "user_id", "place_id", *_NEWEST_FIRST, **_with("card_id", *_CHANGING)
    ),
    Index("ix_payments_place_id", "place_id", *_NEWEST_FIRST, **_with("program_id", "card_id", *_CHANGING)),
    Index("ix_payments_user_id_status", "user_id", "status", *_NEWEST_FIRST, **_with("amount")),
    Index("ix_payments_program_id_status", "program_id", "status", *_NEWEST_FIRST, **_with("amount")),
    Index("ix_payments_user_id_amount", "user_id", "amount"),
    Index("ix_payments_program_id_amount", "program_id", "amount"),
)
elements = Table(
    "payment_elements",
    metadata,
    reference("payment_id"),
    Column("sequence", Integer, nullable=False),
    text("source"),
    text("external_id"),
    text("kind"),
    minor_units("amount"),
    Column("approved", Boolean, nullable=False),
    Column("is_final", Boolean, nullable=False),
    minor_units("merchant_amount", nullable=True),
    text("merchant_currency", nullable=True),
    reference("decision_id", nullable=True),
    instant("occurred_at"),
    instant("recorded_at"),
    minor_units("available_before"),
    minor_units("available_after"),
    minor_units("held_before"),
    minor_units("held_after"),
    PrimaryKeyConstraint("payment_id", "sequence"),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("amount >= 0", name="amount"),
    Index("ix_payment_elements_recorded_at", "recorded_at", postgresql_using="brin"),
)
decisions = Table(
    "decisions",
    metadata,
    id_column(),
    reference("program_id"),
    reference("card_id", nullable=True),
    text("source"),
    text("request_key"),
    text("kind"),
    minor_units("amount"),
    text("merchant_id"),
    text("outcome"),
    text("reason_code", nullable=True),
    text("decided_by"),
    json("facts"),
    json("verdict"),
    json("stages_us"),
    instant("decided_at"),
    # The rules that would have done something, had they counted; most decisions have none.
    Column("shadow_rules", ARRAY(Text), nullable=True),
    UniqueConstraint("source", "request_key"),
    Index("ix_decisions_card_id", "card_id", "decided_at"),
    Index("ix_decisions_decided_at", "decided_at", postgresql_using="brin"),
    Index(
        "ix_decisions_shadow_rules",
        "program_id",
        "decided_at",
        postgresql_where="shadow_rules IS NOT NULL",
    ),
)

_DECISION: Final = joinable(
    select(decisions).where(
        decisions.c.source == bindparam("source"), decisions.c.request_key == bindparam("request_key")
    )
)
_PAYMENT: Final = joinable(
    select(payments).where(
        payments.c.source == bindparam("source"), payments.c.reference == bindparam("reference")
    )
)
_ELEMENTS: Final = joinable(
    select(elements)
    .where(elements.c.payment_id == any_(bindparam("payment_ids", type_=ARRAY(Text))))
    .order_by(elements.c.payment_id, elements.c.sequence)
)
_INSERT_DECISION: Final = joinable(insert(decisions))
_INSERT_ELEMENT: Final = joinable(insert(elements))
_OPEN: Final = joinable(
    with_its_place(
        insert(payments).values(
            {it.name: bindparam(f"of_{it.name}", type_=it.type) for it in payments.c if it.computed is None}
        )
    )
)
_UPDATE: Final = joinable(
    update(payments)
    .where(payments.c.id == bindparam("payment_id"))
    .values({name: bindparam(f"of_{name}", type_=payments.c[name].type) for name in _FIGURES})
)


@dataclass(frozen=True, slots=True)
class Decision:
    """A stored decision; `decided_by` is "cardwright", or "network" where the network answered itself."""

    id: str
    program_id: str
    card_id: str | None
    source: str
    request_key: str
    kind: str
    merchant_id: str
    decided_by: str
    facts: Facts
    verdict: dict[str, Any]
    stages_us: dict[str, int]
    decided_at: datetime

    @property
    def is_approved(self) -> bool:
        """Whether the network is told yes."""
        return bool(self.verdict["outcome"] == "approved")

    @property
    def partial_amount(self) -> int | None:
        """What was approved where that is less than was asked, in minor units."""
        found: int | None = self.verdict.get("approved_amount")
        return found


async def insert_decision(session: Session, decision: Decision, verdict: Verdict) -> None:
    """Store a decision, which `verdict` led to, with everything it looked at."""
    await session.execute(
        _INSERT_DECISION,
        {
            "id": decision.id, "program_id": decision.program_id, "card_id": decision.card_id,
            "source": decision.source, "request_key": decision.request_key, "kind": decision.kind,
            "amount": decision.partial_amount or decision.facts.amount, "merchant_id": decision.merchant_id,
            "outcome": verdict.outcome, "reason_code": verdict.reason_code,
            "decided_by": decision.decided_by, "facts": decision.facts.to_json(),
            "verdict": decision.verdict,
            "stages_us": decision.stages_us, "decided_at": decision.decided_at,
            "shadow_rules": [hit.rule for hit in verdict.shadow] or None,
        },
    )  # fmt: skip


async def lock_request(session: Session, source: str, request_key: str) -> None:
    """Wait until nobody else works on the same request; the lock ends with the transaction."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{source}:{request_key}", 0)))
    )


async def find_decision(session: Session, source: str, request_key: str) -> Decision | None:
    """Return the decision on a request of a network."""
    wanted = {"source": source, "request_key": request_key}
    row = (await session.execute(_DECISION, wanted)).one_or_none()
    return None if row is None else decision_from_row(row)


async def insert_element(
    session: Session, payment: Payment, element: Element, *, before: Account, after: Account, at: datetime
) -> None:
    """Insert an element that `payment` already counts, with the wallet's figures around it.

    The payment is stored with its first element: until then there is nothing to tell of it.
    """
    row = {
        "payment_id": payment.id, "source": payment.source, "recorded_at": at,
        "available_before": before.available_balance, "available_after": after.available_balance,
        "held_before": before.held, "held_after": after.held, **asdict(element),
    }  # fmt: skip
    await together(
        session,
        session.execute(_INSERT_ELEMENT, row),
        insert_payment(session, payment) if element.sequence == 1 else _update(session, payment),
    )


async def insert_payment(session: Session, payment: Payment) -> None:
    """Insert a payment with what its elements add up to."""
    row = {
        "id": payment.id, "program_id": payment.program_id, "user_id": payment.user_id,
        "card_id": payment.card_id, "last4": payment.last4, "currency": payment.currency,
        "source": payment.source, "reference": payment.reference, "merchant": asdict(payment.merchant),
        "channel": payment.channel, "root_card_id": payment.root_card_id,
        "merchant_id": payment.merchant_id, "merchant_group": payment.merchant_group,
        "opened_at": payment.opened_at, **_figures(payment),
    }  # fmt: skip
    await session.execute(_OPEN, {f"of_{name}": value for name, value in row.items()})


async def _update(session: Session, payment: Payment) -> None:
    figures = {f"of_{name}": value for name, value in _figures(payment).items()}
    await session.execute(_UPDATE, {"payment_id": payment.id, **figures})


def _figures(payment: Payment) -> dict[str, Any]:
    return {name: getattr(payment.totals, name) for name in _FIGURES}


async def find_payment(session: Session, source: str, network_reference: str) -> Payment | None:
    """Return the payment of a network's reference with its elements."""
    wanted = {"source": source, "reference": network_reference}
    row = (await session.execute(_PAYMENT, wanted)).one_or_none()
    return None if row is None else (await with_elements(session, [row]))[0]


async def find_payment_by_id(session: Session, payment_id: str) -> Payment | None:
    """Return a payment with its elements."""
    row = (await session.execute(select(payments).where(payments.c.id == payment_id))).one_or_none()
    return None if row is None else (await with_elements(session, [row]))[0]


async def find_source_of(session: Session, source: str, external_id: str) -> str | None:
    """Return the id of the payment that has an element of the network's id."""
    found = await session.execute(
        select(elements.c.payment_id).where(
            elements.c.source == source, elements.c.external_id == external_id
        )
    )
    payment_id: str | None = found.scalar_one_or_none()
    return payment_id


async def with_elements(session: Session, rows: Sequence[Row[Any]]) -> list[Payment]:
    """Build payments from their rows, each with its elements in order."""
    found = await session.execute(_ELEMENTS, {"payment_ids": [row.id for row in rows]})
    by_payment: dict[str, list[Element]] = {}
    for row in found:
        by_payment.setdefault(row.payment_id, []).append(_element(row))
    return [replace(_payment(row), elements=tuple(by_payment.get(row.id, ()))) for row in rows]


def decision_from_row(row: Row[Any]) -> Decision:
    """Build a decision from its row."""
    return Decision(
        id=row.id, program_id=row.program_id, card_id=row.card_id, source=row.source,
        request_key=row.request_key, kind=row.kind, merchant_id=row.merchant_id, decided_by=row.decided_by,
        facts=Facts.from_json(row.facts), verdict=row.verdict, stages_us=row.stages_us,
        decided_at=row.decided_at,
    )  # fmt: skip


def _payment(row: Row[Any]) -> Payment:
    return Payment(
        id=row.id, program_id=row.program_id, user_id=row.user_id, card_id=row.card_id, last4=row.last4,
        currency=row.currency, source=row.source, reference=row.reference,
        merchant=Merchant(**row.merchant), channel=row.channel, opened_at=row.opened_at,
        root_card_id=row.root_card_id, merchant_id=row.merchant_id, merchant_group=row.merchant_group,
    )  # fmt: skip


def _element(row: Row[Any]) -> Element:
    return Element(
        sequence=row.sequence, kind=ElementKind(row.kind), amount=row.amount, external_id=row.external_id,
        occurred_at=row.occurred_at, approved=row.approved, is_final=row.is_final,
        merchant_amount=row.merchant_amount, merchant_currency=row.merchant_currency,
        decision_id=row.decision_id,
    )  # fmt: skip
