"""The ledger: double entry, holds, balances that can always be recomputed from their postings."""

from typing import Final

from cardwright.approvals import ApprovalKind
from cardwright.ledger.checks import Discrepancy, verify
from cardwright.ledger.closing import find_obstacles
from cardwright.ledger.domain import Account, Entry, Hold, Side
from cardwright.ledger.journal import JOURNAL, seal_journal
from cardwright.ledger.manual import MANUAL_ENTRY, ManualPosting, manual_entry_id, propose_entry
from cardwright.ledger.movements import Movement, Movements, movements
from cardwright.ledger.periods import PERIOD_CLOSING, PERIOD_REOPENING
from cardwright.ledger.posting import (
    capture_hold,
    credit_wallet,
    debit_wallet,
    find_hold,
    move_between_shared,
    place_hold,
    release_hold,
    wallet_for_update,
)
from cardwright.ledger.queries import owned_accounts
from cardwright.ledger.recorded import Change, changes_between, changes_of
from cardwright.ledger.statements import TrialBalance, trial_balance
from cardwright.ledger.store import expired_payment_ids, wallet_of_for_update

APPROVAL_KINDS: Final[tuple[ApprovalKind, ...]] = (MANUAL_ENTRY, PERIOD_CLOSING, PERIOD_REOPENING)

__all__ = [
    "APPROVAL_KINDS",
    "JOURNAL",
    "Account",
    "Change",
    "Discrepancy",
    "Entry",
    "Hold",
    "ManualPosting",
    "Movement",
    "Movements",
    "Side",
    "TrialBalance",
    "capture_hold",
    "changes_between",
    "changes_of",
    "credit_wallet",
    "debit_wallet",
    "expired_payment_ids",
    "find_hold",
    "find_obstacles",
    "manual_entry_id",
    "move_between_shared",
    "movements",
    "owned_accounts",
    "place_hold",
    "propose_entry",
    "release_hold",
    "seal_journal",
    "trial_balance",
    "verify",
    "wallet_for_update",
    "wallet_of_for_update",
]
