"""What holders, and staff for them, do with disputes: open, change, submit, withdraw, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from cardwright import audit, payments
from cardwright.access import Actor
from cardwright.core.errors import Conflict, Invalid, NotFound
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.disputes import claims, domain, evidence, file_store, store
from cardwright.disputes.domain import CreditPolicy, Dispute
from cardwright.disputes.evidence import EvidenceFile, FileKind, Reason, Statement
from cardwright.disputes.recording import tell
from cardwright.disputes.store import Step

_CHANGED: Final = "dispute.changed"


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, and when; whoever acts for another says why."""

    actor: Actor
    at: datetime
    staff_reason: str | None = None

    def role_in(self, owner_id: str) -> str:
        """Return what the actor is to a dispute's owner; raises Invalid `staff_reason_missing`."""
        if self.actor.user_id == owner_id:
            return "holder"
        if self.staff_reason is None:
            raise Invalid("staff_reason_missing", "Say why you act for the holder: staff_reason.")
        return "staff"


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute with all that is told, shown and known of it."""

    dispute: Dispute
    statement: Statement
    files: Sequence[EvidenceFile]
    steps: Sequence[Step]


async def open_dispute(
    session: Session, payment_id: str, sequence: int | None, amount: int | None, reason: Reason,
    statement: Statement, policy: CreditPolicy, *, by: By,
) -> Dispute:  # fmt: skip
    """Open a draft about a clearing, the only one of its payment when none is named.

    Raises NotFound; Invalid `clearing_unknown`, `clearing_ambiguous`, `amount_too_high`; Conflict
    `dispute_open`, `clearing_disputed`, `nothing_disputable`, `deadline_passed`.
    """
    payment = await payments.get_payment(session, payment_id, viewer=by.actor.viewer)
    role = by.role_in(payment.user_id)
    clearing = claims.find_clearing(payment, sequence)
    submit_by = clearing.occurred_at + domain.TIME_TO_SUBMIT
    domain.ensure_in_time(submit_by, by.at)
    others = await store.of_payment(session, payment.id)
    claimed = claims.ensure_disputable(payment, clearing, others, amount)
    await _ensure_duplicate(session, payment, clearing.sequence, statement, by)
    opened = Dispute(
        id=new_id("disp"), program_id=payment.program_id, user_id=payment.user_id, payment_id=payment.id,
        sequence=clearing.sequence, source=payment.source, clearing_reference=clearing.external_id,
        merchant_name=payment.merchant.name, amount=claimed, currency=payment.currency, reason=reason,
        policy=policy, created_at=by.at, submit_by=submit_by, heard_at=by.at,
    )  # fmt: skip
    await store.insert_dispute(session, opened, statement)
    await _record(session, opened, "dispute.opened", by, role, amount=claimed)
    await tell(session, opened, "dispute_opened", role, by.at, amount=claimed)
    return opened


async def change_dispute(
    session: Session, dispute_id: str, *, amount: int | None, reason: Reason | None,
    told: Mapping[str, Any] | None, by: By,
) -> Dispute:  # fmt: skip
    """Change a draft; `told` names what is told anew, None for what is told no more.

    Raises NotFound, what `ensure_draft` does, and Invalid `amount_too_high`.
    """
    dispute, role = await _own_for_update(session, dispute_id, by)
    domain.ensure_draft(dispute)
    changed = replace(
        dispute, amount=dispute.amount if amount is None else amount, reason=reason or dispute.reason
    )
    if amount is not None:
        await _ensure_claimable(session, changed, by)
    if told is not None:
        statement = replace(await store.read_statement(session, dispute), **told)
        payment = await payments.get_payment(session, dispute.payment_id, viewer=by.actor.viewer)
        await _ensure_duplicate(session, payment, dispute.sequence, statement, by)
        await store.save_statement(session, dispute, statement)
    await store.save_acted(session, changed)
    await _record(session, changed, _CHANGED, by, role, amount=changed.amount)
    return changed


async def put_file(
    session: Session, dispute_id: str, kind: FileKind, content: bytes, *, by: By
) -> EvidenceFile:
    """Add a file to a draft, in the place of one of its kind; raises what `sniff` and `ensure_draft` do."""
    file_type = evidence.sniff(content)
    dispute, role = await _own_for_update(session, dispute_id, by)
    domain.ensure_draft(dispute)
    added = await file_store.put_file(session, dispute, kind, file_type, content, by.at)
    await _record(session, dispute, "dispute.evidence_added", by, role, kind=kind.value)
    return added


async def remove_file(session: Session, dispute_id: str, kind: FileKind, *, by: By) -> None:
    """Take a file out of a draft; raises NotFound when there is none."""
    dispute, role = await _own_for_update(session, dispute_id, by)
    domain.ensure_draft(dispute)
    if not await file_store.delete_file(session, dispute.id, kind):
        raise _no_file()
    await _record(session, dispute, "dispute.evidence_removed", by, role, kind=kind.value)


async def submit_dispute(session: Session, dispute_id: str, *, by: By) -> Dispute:
    """Submit a draft; the worker files it at the network. What was refunded since then is no claim any more.

    Raises NotFound, what `domain.submit` does, and Conflict `amount_not_disputable`.
    """
    dispute, role = await _own_for_update(session, dispute_id, by)
    statement = await store.read_statement(session, dispute)
    submitted = domain.submit(dispute, evidence.missing(dispute.reason, statement), by.at)
    await _ensure_claimable(session, submitted, by)
    await store.save_acted(session, submitted)
    await _record(session, submitted, "dispute.submitted", by, role, amount=submitted.amount)
    await tell(session, submitted, "dispute_submitted", role, by.at, amount=submitted.amount)
    return submitted


async def withdraw_dispute(session: Session, dispute_id: str, *, by: By) -> Dispute:
    """Give up a dispute that is open; what was advanced on it is taken back. Raises NotFound, Conflict."""
    dispute, role = await _own_for_update(session, dispute_id, by)
    withdrawn = domain.withdraw(dispute, by.at)
    await store.save_acted(session, withdrawn)
    await _record(session, withdrawn, "dispute.withdrawn", by, role)
    await tell(session, withdrawn, "dispute_withdrawn", role, by.at)
    return withdrawn


async def get_dispute(session: Session, dispute_id: str, *, by: Actor) -> Dispute:
    """Return a dispute within somebody's sight; raise NotFound for any other."""
    found = await store.find_dispute(session, dispute_id)
    if found is None or not by.viewer.sees(found):
        raise _unknown()
    return found


async def get_case(session: Session, dispute_id: str, *, by: Actor) -> Case:
    """Return a dispute with everything about it; raise NotFound for one out of sight."""
    dispute = await get_dispute(session, dispute_id, by=by)
    return Case(
        dispute,
        await store.read_statement(session, dispute),
        await file_store.list_files(session, dispute.id),
        await store.steps_of(session, dispute.id),
    )


async def read_file(session: Session, dispute: Dispute, kind: FileKind) -> tuple[EvidenceFile, bytes]:
    """Return a file with its content; raise NotFound when there is none of its kind."""
    found = await file_store.find_file(session, dispute.id, kind)
    if found is None:
        raise _no_file()
    return found, await file_store.read_content(session, dispute, found)


async def _own_for_update(session: Session, dispute_id: str, by: By) -> tuple[Dispute, str]:
    found = await store.find_dispute(session, dispute_id, lock=True)
    if found is None or not by.actor.viewer.sees(found):
        raise _unknown()
    return found, by.role_in(found.user_id)


async def _ensure_claimable(session: Session, dispute: Dispute, by: By) -> None:
    payment = await payments.get_payment(session, dispute.payment_id, viewer=by.actor.viewer)
    others = [it for it in await store.of_payment(session, payment.id) if it.id != dispute.id]
    most = claims.disputable(payment, claims.find_clearing(payment, dispute.sequence), others)
    if dispute.amount > most:
        raise Conflict("amount_not_disputable", "By now less of this charge can be disputed.", at_most=most)


async def _ensure_duplicate(
    session: Session, payment: payments.Payment, sequence: int, statement: Statement, by: By
) -> None:
    if statement.duplicate_of is None:
        return
    try:
        other = await payments.get_payment(session, statement.duplicate_of, viewer=by.actor.viewer)
    except NotFound as error:
        raise Invalid("duplicate_unknown", "The payment that this one repeats is none of yours.") from error
    is_own = other.user_id == payment.user_id
    if not is_own or claims.find_duplicated(other, payment.id, sequence) is None:
        raise Invalid("duplicate_unknown", "The payment that this one repeats was never charged.")


async def _record(
    session: Session, dispute: Dispute, action: audit.Action, by: By, role: str, **more: Any
) -> None:
    details = {"owner_id": dispute.user_id, "payment_id": dispute.payment_id, **more}
    if role == "staff":
        details["staff_reason"] = by.staff_reason
    await audit.record(session, by.actor.user_id, dispute.program_id, action, dispute.id, details, by.at)


def _unknown() -> NotFound:
    return NotFound("dispute_unknown", "There is no such dispute.")


def _no_file() -> NotFound:
    return NotFound("file_unknown", "This dispute has no such file.")
