"""What staff did: rules with lists and trials, books with corrections, comparisons, proposals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from web.holder import Holder
from web.outside import eventually

RULES: Final = (
    {"name": "gambling_above_20", "when": 'merchant.mcc in ["7995", "7800"] && amount > 2000',
     "action": "decline", "reason": "Gambling above 20 dollars.", "stage": "live"},
    {"name": "watched_merchants", "when": "merchant.name in lists.watched_merchants", "action": "flag",
     "reason": "A merchant that several reports named.", "stage": "live"},
    {"name": "cash_of_newcomers",
     "when": 'merchant.mcc == "6011" && amount > 4000 && holder.age_days < 30',
     "action": "challenge", "reason": "Cash within a month of signing up.", "stage": "sampled",
     "sample_percent": 25},
    {"name": "fourth_in_an_hour", "when": "velocity.card.approved_count_1h >= 3", "action": "decline",
     "reason": "Too many payments in an hour.", "stage": "shadow"},
    {"name": "electronics_of_new_cards", "when": 'merchant.mcc == "5732" && card.age_days < 2',
     "action": "score", "points": 250, "reason": "Electronics with a card that is new.", "stage": "live"},
    {"name": "high_risk", "when": "has(risk.score) && risk.score > 900", "action": "flag",
     "reason": "The model is all but sure.", "stage": "draft"},
)  # fmt: skip
TRIED: Final = {
    "name": "cafes", "when": 'merchant.mcc == "5812"', "action": "decline", "reason": "No cafés for now.",
}  # fmt: skip
TEMPLATES: Final = (
    {"name": "Team lunch", "description": "Restaurants and groceries, 60 dollars a day.", "colour": "amber",
     "limits": [{"window": "day", "amount": 60_00}]},
    {"name": "Trial subscription", "description": "Closes itself after 30 days.", "type": "recurring",
     "colour": "violet", "valid_for_days": 30, "limits": [{"window": "month", "amount": 25_00}]},
)  # fmt: skip
GUARDRAIL: Final = {
    "name": "small_sums_pass", "when": "holder.kyc_level >= 2 && amount < 500",
    "reason": "Whoever proved who they are can always buy a coffee.",
}  # fmt: skip
CLOSED: Final = ("2026-01", "2026-02", "2026-03")
FEES: Final = 12_40
LONG_SECONDS: Final = 180


@dataclass(frozen=True, slots=True)
class Staff:
    """Members of the staff, signed in."""

    analyst: Holder
    finance: Holder
    admin: Holder
    second_admin: Holder


@dataclass(frozen=True, slots=True)
class Office:
    """The ids of what they made."""

    rule: str
    list_id: str
    backtest_id: str
    approval_id: str
    difference_ids: Sequence[str]


def write_rules(staff: Staff) -> str:
    """Make a list, a guardrail and card templates, and publish rules by four eyes; return the list's id."""
    kind = {"name": "watched_merchants", "kind": "text", "description": "Merchants that reports named."}
    made = staff.analyst.call("POST", "/v1/rule-lists", kind)
    entries = [{"value": name} for name in ("GADGET PIER", "LUCKY SEVEN CASINO", "BLUE WAKE CRUISES")]
    staff.analyst.call(
        "PUT", f"/v1/rule-lists/{made['id']}/entries", {"entries": entries, "reason": "Seen in reports."}
    )
    staff.analyst.call("POST", "/v1/rules/guardrails", GUARDRAIL)
    for template in TEMPLATES:
        staff.analyst.call("POST", "/v1/card-templates", template)
    book = staff.analyst.call("GET", "/v1/rules")
    wanted = {
        "expected_version": book["version"], "note": "Velocity in the shadow, watched merchants, gambling.",
        "scoring": {"flag_at": 200, "challenge_at": None, "decline_at": 900}, "rules": list(RULES),
    }  # fmt: skip
    proposal = staff.analyst.call("PUT", "/v1/rules", wanted)
    agree(staff.admin, proposal["id"], "As discussed on Monday.")
    eventually("the rules", lambda: staff.analyst.call("GET", "/v1/rules")["version"] > book["version"])
    return str(made["id"])


def agree(second: Holder, approval_id: str, note: str) -> None:
    """Approve what somebody else proposed."""
    second.call("POST", f"/v1/approvals/{approval_id}/approve", {"note": note})


def work(staff: Staff, list_id: str) -> Office:
    """Do a day's work once people have paid: try, correct, close, compare, propose."""
    test = staff.analyst.call("POST", "/v1/rules/backtests", {"rules": [TRIED], "beside_active": True})
    _keep_books(staff)
    _compare(staff)
    _propose(staff)
    path = f"/v1/rules/backtests/{test['id']}"
    eventually("the backtest", lambda: staff.analyst.call("GET", path)["state"] == "done", LONG_SECONDS)
    waiting = staff.admin.call("GET", "/v1/approvals?state=proposed")["data"]
    found = staff.finance.call("GET", "/v1/reconciliation/differences")["data"]
    differences = [difference["id"] for difference in found]
    return Office("cash_of_newcomers", list_id, test["id"], waiting[0]["id"], differences)


def _keep_books(staff: Staff) -> None:
    for month in CLOSED:
        change = {"month": month, "action": "closed", "reason": f"The books of {month} are done."}
        agree(staff.admin, staff.finance.call("POST", "/v1/ledger/period-changes", change)["id"], "Seen.")
    entry = _entry("fees", "issuer_settlement", FEES, "Scheme fees, as on the invoice.")
    entry["posted_at"] = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    agree(staff.admin, staff.finance.call("POST", "/v1/ledger/entries", entry)["id"], "Matches the invoice.")
    waiting = _entry("fraud_losses", "dispute_suspense", 63_00, "Written off: the dispute cannot be won.")
    staff.finance.call("POST", "/v1/ledger/entries", waiting)


def _entry(debit: str, credit: str, amount: int, reason: str) -> dict[str, Any]:
    postings = [
        {"account": account, "side": side, "amount": amount}
        for account, side in ((debit, "debit"), (credit, "credit"))
    ]
    return {"currency": "USD", "postings": postings, "reason": reason}


def _compare(staff: Staff) -> None:
    """Reconcile with vendors who were never told of what was corrected by hand."""
    before = len(staff.finance.call("GET", "/v1/reconciliation/runs")["data"])
    lately = datetime.now(UTC) - timedelta(days=7)
    staff.finance.call("POST", "/v1/reconciliation/runs", {"since": lately.isoformat()})

    def done() -> bool:
        runs = staff.finance.call("GET", "/v1/reconciliation/runs")["data"]
        return len(runs) > before and all(run["state"] == "done" for run in runs)

    eventually("the comparison", done, LONG_SECONDS)


def _propose(staff: Staff) -> None:
    """Leave a role for a second pair of eyes."""
    team = staff.second_admin.call("GET", "/v1/staff")
    colleague = next(each["id"] for each in team if each["roles"] == ["support"])
    role = {"role": "kyc_reviewer", "reason": "Helps with identity reviews in December."}
    staff.second_admin.call("POST", f"/v1/users/{colleague}/roles", role)
