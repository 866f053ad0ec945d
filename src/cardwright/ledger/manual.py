"""Entries made by hand: balanced postings on named accounts, proposed by one and approved by another."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from cardwright import approvals, audit
from cardwright.approvals import Approval, ApprovalKind
from cardwright.authentication import find_identity
from cardwright.core.errors import Conflict, Invalid
from cardwright.db.session import Session
from cardwright.ledger import posting, store
from cardwright.ledger.domain import CHART, Account, Posting, Side, ensure_balanced

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
) -> Approval:
    """Propose an entry; nothing moves until another approves it.

    Raises Invalid `account_unknown`, `account_owner_wrong` and what `ensure_balanced` raises.
    """
    for line in postings:
        await _ensure_nameable(session, program_id, line)
    ensure_balanced([_unsaved(program_id, currency, line) for line in postings])
    payload = {"currency": currency, "postings": [asdict(line) for line in postings]}
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
    currency = approval.payload["currency"]
    accounts = await _accounts_for_update(session, approval.program_id, currency, lines)
    written = [Posting(accounts[line.account, line.owner_id], line.side, line.amount) for line in lines]
    for account in accounts.values():
        _ensure_covered(account, sum(line.change for line in written if line.account == account))
    entry = await posting.post(
        session, lines=written, kind=KIND, external_id=manual_entry_id(approval.id), at=at,
        approval_id=approval.id,
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
