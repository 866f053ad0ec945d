"""How the evidence of a case is shown."""

from datetime import datetime
from typing import Self

from pydantic import Field

from cardwright.cases.domain import Finding
from cardwright.cases.evidence import MOST_PAYMENTS, Evidence, Similar
from cardwright.cases.schemas import CaseView
from cardwright.disputes import Dispute, DisputeState, Reason
from cardwright.http.strict import CurrencyCode, Id, Output, SignedAmount
from cardwright.payments import (
    DecisionView,
    Element,
    ElementKind,
    Payment,
    PaymentStatus,
    StaffDecisionView,
    show_decision,
)
from cardwright.rules import RuleHit


class HitView(Output):
    """A rule that held, and why."""

    rule: str
    action: str
    reason: str
    explanation: str
    points: int
    counts: bool = Field(description="False for a rule that only watches.")


class DecidedView(Output):
    """A decision with every check, and with every rule that held."""

    decision: DecisionView | StaffDecisionView
    hits: list[HitView]


class ElementLine(Output):
    """One thing that happened to the payment."""

    sequence: int
    kind: ElementKind
    amount: SignedAmount
    approved: bool
    occurred_at: datetime

    @classmethod
    def of(cls, element: Element) -> Self:
        """Show it."""
        return cls(
            sequence=element.sequence, kind=element.kind, amount=element.amount, approved=element.approved,
            occurred_at=element.occurred_at,
        )  # fmt: skip


class PaymentLine(Output):
    """A payment of the card in one line."""

    id: Id
    card_id: Id
    merchant_name: str
    mcc: str
    country: str
    channel: str
    status: PaymentStatus
    amount: SignedAmount
    currency: CurrencyCode
    opened_at: datetime

    @classmethod
    def of(cls, payment: Payment) -> Self:
        """Show it."""
        merchant, totals = payment.merchant, payment.totals
        return cls(
            id=payment.id, card_id=payment.card_id, merchant_name=merchant.name, mcc=merchant.mcc,
            country=merchant.country, channel=payment.channel, status=totals.status, amount=totals.amount,
            currency=payment.currency, opened_at=payment.opened_at,
        )  # fmt: skip


class DisputeLine(Output):
    """A dispute of the card in one line."""

    id: Id
    payment_id: Id
    reason: Reason
    state: DisputeState
    amount: SignedAmount
    currency: CurrencyCode
    created_at: datetime

    @classmethod
    def of(cls, dispute: Dispute) -> Self:
        """Show it."""
        return cls(
            id=dispute.id, payment_id=dispute.payment_id, reason=dispute.reason, state=dispute.state,
            amount=dispute.amount, currency=dispute.currency, created_at=dispute.created_at,
        )  # fmt: skip


class SimilarView(Output):
    """Another case, what it has in common with this one, and what it turned out to be."""

    id: Id
    payment_id: Id
    same: list[str] = Field(examples=[["merchant", "rule large_abroad"]])
    merchant_name: str
    amount: SignedAmount
    currency: CurrencyCode
    opened_at: datetime
    finding: Finding | None

    @classmethod
    def of(cls, similar: Similar) -> Self:
        """Show it."""
        case = similar.case
        return cls(
            id=case.id, payment_id=case.payment_id, same=list(similar.same),
            merchant_name=case.merchant_name, amount=case.amount, currency=case.currency,
            opened_at=case.opened_at, finding=case.finding,
        )  # fmt: skip


class EvidenceView(Output):
    """What there is to judge a case by."""

    case: CaseView
    payment: PaymentLine | None
    elements: list[ElementLine]
    decisions: list[DecidedView]
    card_payments_since: datetime
    card_payments: list[PaymentLine] = Field(description="Newest first, of the cards before it too.")
    card_payments_cursor: str | None = Field(
        description="Where there are more: the `cursor` for GET /v1/payments with everyone, card_id and"
        " opened_from."
    )
    disputes: list[DisputeLine]
    similar: list[SimilarView]
    kyc_level: int = Field(description="How well the holder is known: 2 by a document.")

    @classmethod
    def of(cls, evidence: Evidence, at: datetime) -> Self:
        """Show it."""
        payment, shown = evidence.explained.payment, evidence.payments[:MOST_PAYMENTS]
        has_more = len(evidence.payments) > MOST_PAYMENTS
        return cls(
            case=CaseView.of(evidence.case, at),
            payment=payment and PaymentLine.of(payment),
            elements=[ElementLine.of(it) for it in payment.elements] if payment else [],
            decisions=[
                DecidedView(
                    decision=show_decision(it, is_staff=True),
                    hits=[_hit(hit) for hit in evidence.hits[it.id]],
                )
                for it in evidence.explained.decisions
            ],
            card_payments_since=evidence.since,
            card_payments=[PaymentLine.of(it) for it in shown],
            card_payments_cursor=shown[-1].id if has_more else None,
            disputes=[DisputeLine.of(it) for it in evidence.disputes],
            similar=[SimilarView.of(it) for it in evidence.similar],
            kyc_level=evidence.kyc_level,
        )


def _hit(hit: RuleHit) -> HitView:
    return HitView(
        rule=hit.rule, action=hit.action, reason=hit.reason, explanation=hit.explanation, points=hit.points,
        counts=hit.counts,
    )  # fmt: skip
