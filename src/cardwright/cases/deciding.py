"""Deciding a case: the finding, its label and all of its effects in one transaction, or nothing of it.

Whatever reaches a vendor is written as an event of the slice that owns it, and done by the worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cardwright import access, cards, disputes, payments, rules
from cardwright.access import Actor, Permission
from cardwright.cards import ReplacementReason
from cardwright.cases import domain, store
from cardwright.cases.domain import Case, Finding
from cardwright.cases.labels import LabelSource
from cardwright.cases.recording import event_of, label, tell
from cardwright.cases.working import case_for_update
from cardwright.core.errors import Conflict, Forbidden
from cardwright.db import outbox
from cardwright.db.session import Session
from cardwright.disputes import CreditPolicy, Statement
from cardwright.payments import Payment


class CardEffect(StrEnum):
    """What becomes of the card."""

    KEEP = "keep"
    LOCK = "lock"
    UNLOCK = "unlock"
    REPLACE = "replace"


class ListedField(StrEnum):
    """What of the payment goes on a list, named as rules name it."""

    MERCHANT_ID = "merchant.id"
    MERCHANT_NAME = "merchant.name"
    MERCHANT_CATEGORY = "merchant.mcc"
    MERCHANT_COUNTRY = "merchant.country"


@dataclass(frozen=True, slots=True)
class ListEffect:
    """A value of the payment that goes on a list that rules ask; `expires_at` None for ever."""

    list_id: str
    field: ListedField
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisputeEffect:
    """A draft that disputes a clearing, the only one when `sequence` is None."""

    sequence: int | None
    explanation: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decides, and what is done about it."""

    finding: Finding
    reason: str
    card: CardEffect = CardEffect.KEEP
    lists: Sequence[ListEffect] = ()
    dispute: DisputeEffect | None = None
    notify_holder: bool = False


DECIDED: Final = "cases.payment_reviewed"


async def decide_case(
    session: Session, case_id: str, decision: Decision, policy: CreditPolicy, *, version: int, by: Actor,
    at: datetime,
) -> Case:  # fmt: skip
    """Decide a case that the actor claimed, and do what that asks for.

    Raises NotFound; Conflict as `domain.decide` does; Invalid `effects_contradict`; Forbidden
    `permission_missing` for an effect that the actor may not have; and whatever keeps an effect from being
    done, such as Conflict `card_canceled` or `dispute_open`, NotFound `list_unknown`, Invalid
    `entry_invalid`. Then nothing changes.
    """
    case = await case_for_update(session, case_id, by=by)
    domain.ensure_effects_fit(decision.finding, decision.card, has_dispute=decision.dispute is not None)
    decided = domain.decide(case, decision.finding, by=by.user_id, version=version, at=at)
    await _ensure_permitted(session, decision, by)
    await store.save(session, decided)
    payment = await payments.get_payment(session, case.payment_id, viewer=by.viewer)
    done: dict[str, Any] = {
        **await _treat_card(session, case, decision, by, at),
        **await _list(session, case, payment, decision, by, at),
        **await _dispute(session, case, decision, policy, by, at),
    }
    await label(session, decided, decision.finding, LabelSource.CASE, by.user_id, at)
    await tell(
        session, decided, "decided", by.user_id, at, finding=decision.finding, reason=decision.reason, **done
    )
    if decision.notify_holder:
        await outbox.append(session, event_of(DECIDED, decided, at, finding=decision.finding))
    return decided


async def _ensure_permitted(session: Session, decision: Decision, by: Actor) -> None:
    # An effect is had on the terms of the slice it belongs to: the scopes of a token may be narrower.
    wanted: list[Permission] = []
    wanted += ["cards.lock"] if decision.card is not CardEffect.KEEP else []
    wanted += ["rules.write"] if decision.lists else []
    wanted += ["disputes.write"] if decision.dispute else []
    for permission in wanted:
        if not await access.permits(session, by.principal, permission):
            raise Forbidden("permission_missing", f"This needs the permission {permission}.")


async def _treat_card(
    session: Session, case: Case, decision: Decision, by: Actor, at: datetime
) -> dict[str, Any]:
    reason = _reason(case, decision)
    match decision.card:
        case CardEffect.KEEP:
            return {}
        case CardEffect.LOCK:
            await cards.lock(session, case.card_id, reason=reason, staff_id=by.user_id, at=at)
        case CardEffect.UNLOCK:
            await cards.unlock(session, case.card_id, staff_id=by.user_id, at=at)
        case CardEffect.REPLACE:
            new = await cards.replace_as_staff(
                session, case.card_id, ReplacementReason.COMPROMISED, staff_id=by.user_id, at=at
            )
            return {"card": decision.card, "replaced_by": new.id}
    return {"card": decision.card}


async def _list(
    session: Session, case: Case, payment: Payment, decision: Decision, by: Actor, at: datetime
) -> dict[str, Any]:
    # In one order, so that two decisions never wait for each other's lists.
    for effect in sorted(decision.lists, key=lambda each: each.list_id):
        value = value_of(payment, effect.field)
        await rules.put_on_list(
            session, case.program_id, effect.list_id, {value: effect.expires_at},
            reason=_reason(case, decision), by=by.user_id, at=at,
        )  # fmt: skip
    return {"lists": [each.list_id for each in decision.lists]} if decision.lists else {}


async def _dispute(
    session: Session, case: Case, decision: Decision, policy: CreditPolicy, by: Actor, at: datetime
) -> dict[str, Any]:
    if decision.dispute is None:
        return {}
    on_behalf = disputes.By(by, at, staff_reason=_reason(case, decision))
    opened = await disputes.open_dispute(
        session, case.payment_id, decision.dispute.sequence, None, disputes.Reason.FRAUD,
        Statement(explanation=decision.dispute.explanation), policy, by=on_behalf,
    )  # fmt: skip
    return {"dispute_id": opened.id}


def value_of(payment: Payment, field: ListedField) -> str:
    """Return what a payment has in a field; raises Conflict `value_missing` where it has nothing."""
    merchant = payment.merchant
    value = {
        ListedField.MERCHANT_ID: merchant.id,
        ListedField.MERCHANT_NAME: merchant.name,
        ListedField.MERCHANT_CATEGORY: merchant.mcc,
        ListedField.MERCHANT_COUNTRY: merchant.country,
    }[field]
    if not value:
        raise Conflict("value_missing", f"The payment has no {field}.")
    return value


def _reason(case: Case, decision: Decision) -> str:
    return f"{case.id}: {decision.reason}"
