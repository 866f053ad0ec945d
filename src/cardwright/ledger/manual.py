"""Entries made by hand: balanced postings on named accounts, proposed by one and approved by another."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cardwright import approvals, audit
from cardwright.approvals import Approval, ApprovalKind
from cardwright.authentication import find_identity
from cardwright.core.errors import Conflict, Invalid
from cardwright.db.session import Session
from cardwright.ledger import periods, posting, queries, statements, store
from cardwright.ledger.domain import CHART, Account, Posting, Side, ensure_balanced, opposite

KIND: Final = "manual"


@dataclass(frozen=True, slots=True)
class ManualPosting:
    """One line: a positive amount in minor units on one side of the account of a code and an owner.

    Shared accounts belong to the program, and their `owner_id` is the program's.
    """

    account: str
    owner_id: str
    side: Side
    amount: int


async def propose_entry(
    session: Session,
    *,
    program_id: str,
    currency: str,
    postings: Sequence[ManualPosting],
    reason: str,
    by: str,
    at: datetime,
    posted_at: datetime | None = None,
) -> Approval:
    """Propose an entry; nothing moves until another approves it.

    `posted_at` is when it counts, the time of the approval when left out. Raises Invalid `account_unknown`,
    `account_owner_wrong`, `posted_at_in_future` and what `ensure_balanced` raises; Conflict `period_closed`.
    """
    for line in postings:
        await _ensure_nameable(session, program_id, line)
    ensure_balanced([_unsaved(program_id, currency, line) for line in postings])
    payload: dict[str, Any] = {"currency": currency, "postings": [asdict(line) for line in postings]}
    if posted_at is not None:
        await _ensure_datable(session, program_id, posted_at, at)
        payload["posted_at"] = posted_at.astimezone(UTC).isoformat(timespec="microseconds")
    return await _propose(session, payload, program_id=program_id, reason=reason, by=by, at=at)


async def propose_reversal(
    session: Session, entry_id: str, *, program_id: str, reason: str, by: str, at: datetime
) -> Approval:
    """Propose the entry that takes another back: the same lines on the other sides, dated when approved.

    Raises NotFound `entry_unknown` and Conflict `entry_reversed` when it was taken back before.
    """
    entry = await statements.get_entry(session, program_id, entry_id)
    await _ensure_not_reversed(session, entry_id)
    postings = [
        ManualPosting(line.code, line.owner_id, opposite(Side(line.side)), line.amount)
        for line in entry.postings
    ]
    payload = {
        "currency": entry.currency,
        "postings": [asdict(line) for line in postings],
        "reverses": entry_id,
    }
    return await _propose(session, payload, program_id=program_id, reason=reason, by=by, at=at)


async def _propose(
    session: Session, payload: dict[str, Any], *, program_id: str, reason: str, by: str, at: datetime
) -> Approval:
    return await approvals.propose(
        session, MANUAL_ENTRY, program_id=program_id, subject_id=program_id, payload=payload, reason=reason,
        by=by, at=at,
    )  # fmt: skip


def manual_entry_id(approval_id: str) -> str:
    """Return the external id of the entry that an approval makes."""
    return f"{KIND}:{approval_id}"


async def _post(session: Session, approval: Approval, at: datetime) -> None:
    lines = [
        ManualPosting(each["account"], each["owner_id"], Side(each["side"]), each["amount"])
        for each in approval.payload["postings"]
    ]
    currency, reverses_id = approval.payload["currency"], approval.payload.get("reverses")
    posted_at = datetime.fromisoformat(approval.payload.get("posted_at", at.isoformat()))
    await periods.ensure_open(session, approval.program_id, posted_at)
    if reverses_id is not None:
        await _ensure_not_reversed(session, reverses_id)
    accounts = await _accounts_for_update(session, approval.program_id, currency, lines)
    written = [Posting(accounts[line.account, line.owner_id], line.side, line.amount) for line in lines]
    for account in accounts.values():
        _ensure_covered(account, sum(line.change for line in written if line.account == account))
    entry = await posting.post(
        session, lines=written, kind=KIND, external_id=manual_entry_id(approval.id), at=posted_at,
        approval_id=approval.id, reverses_id=reverses_id,
    )  # fmt: skip
    details = {
        "approval_id": approval.id,
        "proposed_by": approval.proposed_by,
        "balances": [_change_of(account, written) for account in accounts.values()],
    }
    by = str(approval.decided_by)
    await audit.record(session, by, approval.program_id, "ledger_entry.posted", entry.id, details, at)


async def _accounts_for_update(
    session: Session, program_id: str, currency: str, lines: Sequence[ManualPosting]
) -> dict[tuple[str, str], Account]:
    # In the order of all movements: wallets before receivables; shared accounts keep no balance to lock.
    named = sorted({(line.account, line.owner_id) for line in lines}, key=_lock_order)
    found = {}
    for code, owner_id in named:
        account = await store.ensure_account(
            session, program_id=program_id, code=code, owner_id=owner_id, currency=currency
        )
        is_shared = CHART[code].shared
        found[code, owner_id] = account if is_shared else await store.account_for_update(session, account.id)
    return found


def _lock_order(name: tuple[str, str]) -> tuple[int, str]:
    code, owner_id = name
    return (list(CHART).index(code), owner_id)


async def _ensure_nameable(session: Session, program_id: str, line: ManualPosting) -> None:
    known = CHART.get(line.account)
    if known is None:
        raise Invalid("account_unknown", f"The chart of accounts has no {line.account[:40]!r}.")
    if known.shared:
        is_owner_right = line.owner_id == program_id
    else:
        owner = await find_identity(session, line.owner_id)
        is_owner_right = owner is not None and owner.program_id == program_id
    if not is_owner_right:
        raise Invalid("account_owner_wrong", f"An account {line.account} of this program has no such owner.")


async def _ensure_datable(session: Session, program_id: str, posted_at: datetime, at: datetime) -> None:
    if posted_at > at:
        raise Invalid("posted_at_in_future", "An entry is dated now or earlier.")
    await periods.ensure_open(session, program_id, posted_at)


async def _ensure_not_reversed(session: Session, entry_id: str) -> None:
    reversal_id = await queries.find_reversal_id(session, entry_id)
    if reversal_id is not None:
        raise Conflict("entry_reversed", "This entry was taken back before.", entry_id=reversal_id)


def _unsaved(program_id: str, currency: str, line: ManualPosting) -> Posting:
    account = Account("", program_id, line.account, line.owner_id, currency, posted_balance=0, held=0)
    return Posting(account, line.side, line.amount)


def _ensure_covered(account: Account, change: int) -> None:
    floor = CHART[account.code].floor
    if floor is not None and change < 0 and account.available_balance + change < floor:
        raise Conflict("funds_insufficient", f"The {account.code} has not got that much.")


def _change_of(account: Account, written: Sequence[Posting]) -> dict[str, object]:
    if CHART[account.code].shared:
        return {"account_id": account.id}
    change = sum(line.change for line in written if line.account == account)
    return {
        "account_id": account.id,
        "before": account.posted_balance,
        "after": account.posted_balance + change,
    }


MANUAL_ENTRY: Final = ApprovalKind("ledger.manual_entry", "ledger.write", "ledger.approve", _post)
