"""The books as plain rows, and what they ought to add up to: written again here, from the semantics."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from cardwright.db.session import Session

ROWS: Final = """
    SELECT p.reference, p.card_id, p.opened_at, p.held, p.counted, h.remaining, e.kind, e.amount, e.approved,
           e.is_final, coalesce(d.decided_by = 'network' AND d.outcome = 'approved', FALSE) AS stood_in
      FROM payments p
      LEFT JOIN holds h ON h.payment_id = p.id
      LEFT JOIN payment_elements e ON e.payment_id = p.id
      LEFT JOIN decisions d ON d.id = e.decision_id
     ORDER BY p.id, e.sequence
"""
SPANS: Final[Mapping[str, Callable[[datetime], Any]]] = {
    "day": lambda at: at.date(),
    "week": lambda at: at.isocalendar()[:2],
    "month": lambda at: (at.year, at.month),
    "year": lambda at: at.year,
    "lifetime": lambda _: None,
}


@dataclass(slots=True)
class Read:
    """A payment: its stored figures, and `held`, `cleared`, `refunded` counted again from its elements."""

    reference: str
    card_id: str
    opened_at: datetime
    stored_held: int
    stored_counted: int
    hold: int
    held: int = 0
    cleared: int = 0
    refunded: int = 0
    stood_in: bool = False

    def count(self, kind: str, amount: int, *, is_final: bool) -> None:
        if kind in {"authorization", "increment"}:
            self.held += amount
        elif kind in {"clearing", "force_post"}:
            self.cleared += amount
            self.held = 0 if is_final else max(0, self.held - amount)
        elif kind == "refund":
            self.refunded += amount
        else:
            self.held = max(0, self.held - amount)


@dataclass(frozen=True, slots=True)
class Wallet:
    """The holder's balances and all payments, by the network's reference."""

    posted: int
    held: int
    owed: int
    payments: Mapping[str, Read]

    @property
    def available(self) -> int:
        return self.posted - self.held

    def used(self, card_id: str, window: str, at: datetime) -> int:
        """What counts towards a card's limit in the window around `at`, at UTC."""
        span = SPANS[window]
        return sum(
            it.held + it.cleared
            for it in self.payments.values()
            if it.card_id == card_id and span(it.opened_at) == span(at)
        )


async def read(session: Session, user_id: str) -> Wallet:
    accounts = await session.execute(
        text("SELECT code, posted_balance, held FROM ledger_accounts WHERE owner_id = :owner"),
        {"owner": user_id},
    )
    found: Mapping[str, tuple[int, int]] = defaultdict(
        lambda: (0, 0), {row.code: (row.posted_balance, row.held) for row in accounts}
    )
    payments: dict[str, Read] = {}
    for row in await session.execute(text(ROWS)):
        payment = payments.setdefault(
            row.reference,
            Read(row.reference, row.card_id, row.opened_at, row.held, row.counted, row.remaining or 0),
        )
        if row.kind is not None and row.approved:
            payment.count(row.kind, row.amount, is_final=row.is_final)
            payment.stood_in |= row.stood_in
    return Wallet(*found["wallet"], found["receivable"][0], payments)


def first_reason(
    wallet: Wallet, *, card_id: str, state: str, limits: Mapping[str, int], amount: int, reference: str,
    now: datetime,
) -> str | None:  # fmt: skip
    """Say why a request must be declined, None when it must be approved."""
    if state != "active":
        return f"card_{state}"
    present = wallet.payments.get(reference)
    opened_at = present.opened_at if present else now
    for window, limit in limits.items():
        if window == "per_authorization":
            used = present.held + present.cleared if present else 0
        else:
            used = wallet.used(card_id, window, opened_at)
        if amount > max(0, limit - used):
            return "limit_exceeded"
    return "funds_insufficient" if amount > wallet.available else None


def faults(wallet: Wallet) -> Sequence[str]:
    """Name everything in the stored figures that is not as it must be."""
    checks = {
        "available is below zero": wallet.available < 0,
        "held is below zero": wallet.held < 0,
        "owed is below zero": wallet.owed < 0,
        "held is not the sum of holds": wallet.held != sum(it.hold for it in wallet.payments.values()),
        **{
            f"{what} of {it.reference}": wrong
            for it in wallet.payments.values()
            for what, wrong in (
                ("held is wrong", it.stored_held != it.held),
                ("counted is wrong", it.stored_counted != it.held + it.cleared),
                ("a negative hold", it.hold < 0),
                ("more is set aside than held", it.hold > it.held),
                ("less is set aside than held", it.hold < it.held and not it.stood_in),
            )
        },
    }
    return [what for what, is_wrong in checks.items() if is_wrong]
