"""Every page of the web app by its address: what is tested and photographed on all of them.

Pages about one thing need its id, so `details` and `work` find those of a world.
"""

from web.desk import Desk
from web.holder import Holder

PUBLIC = ("/sign-in", "/sign-up", "/forgotten-password", "/reset-password#token")
OURS = (
    "/", "/cards", "/cards/new", "/activity", "/top-up", "/identity", "/inbox", "/security", "/approvals",
    "/disputes", "/money", "/money/withdraw", "/money/sources", "/notification-preferences", "/developers",
    "/set-up/passkey", "/set-up/identity", "/set-up/money", "/set-up/card", "/set-up/done",
)  # fmt: skip
CONSOLE = (
    "/console", "/console/customers", "/console/reviews", "/console/cases", "/console/disputes",
    "/console/approvals",
    "/console/rules", "/console/rules/edit", "/console/rules/review", "/console/rules/backtests",
    "/console/rules/shadow", "/console/rules/versions", "/console/rules/guardrails", "/console/rules/lists",
    "/console/rules/models", "/console/payments", "/console/ledger", "/console/ledger/entries",
    "/console/ledger/accounts", "/console/ledger/new", "/console/ledger/months", "/console/ledger/seals",
    "/console/reconciliation",
    "/console/reconciliation/runs", "/console/reconciliation/days", "/console/audit", "/console/templates",
    "/console/templates/messages", "/console/team", "/console/health", "/console/developers",
)  # fmt: skip


def details(holder: Holder) -> list[str]:
    """Return the pages about cards and payments of somebody who has both, one of them declined."""
    cards = [f"/cards/{card['id']}" for card in holder.call("GET", "/v1/cards")["data"][:2]]
    payments = holder.call("GET", "/v1/payments")["data"]
    declined = next(payment["id"] for payment in payments if payment["status"] == "declined")
    settled = next(payment["id"] for payment in payments if payment["status"] == "settled")
    return [*cards, f"/payments/{declined}", f"/payments/{settled}", f"/payments/{settled}/dispute"]


def work(desk: Desk) -> list[str]:
    """Return the pages about what there is to do for staff."""
    queues = (("cases", desk.case_id), ("disputes", desk.dispute_id))
    opened = [f"/console/{queue}?open={thing}" for queue, thing in queues]
    payment = f"/console/payments/{desk.payment_id}"
    return [
        f"/console/customers/{desk.customer_id}",
        f"/console/reviews/{desk.review_id}",
        *opened,
        payment,
    ]
