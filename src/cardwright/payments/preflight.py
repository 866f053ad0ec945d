"""What the answer to a purchase would be: the decision itself, taken and undone."""

from dataclasses import dataclass
from datetime import datetime

from cardwright import ledger
from cardwright.cards import Card
from cardwright.core.clock import Stopwatch
from cardwright.core.ids import new_id
from cardwright.db.session import Session
from cardwright.db.together import joining
from cardwright.payments.authorization import find_or_open, take
from cardwright.payments.domain import Merchant
from cardwright.payments.gathering import find_basis, take_up
from cardwright.payments.ports import AuthorizationRequest
from cardwright.payments.store import Decision


@dataclass(frozen=True, slots=True)
class Supposed:
    """A purchase that somebody wonders about; `amount` in minor units of `currency`."""

    amount: int
    currency: str
    merchant: Merchant
    channel: str


async def preflight(session: Session, card: Card, supposed: Supposed, *, at: datetime) -> Decision:
    """Return the decision that a purchase would get now; nothing of it stays.

    It takes the way of a real request, so that it cannot answer otherwise, and is undone to where it began.
    """
    request = AuthorizationRequest(
        source=card.processor, reference=new_id("pre"), attempt=0,
        card_reference=card.processor_reference or "", amount=supposed.amount, currency=supposed.currency,
        merchant_amount=supposed.amount, merchant_currency=supposed.currency, merchant=supposed.merchant,
        channel=supposed.channel,
    )  # fmt: skip
    beginning = await session.begin_nested()
    try:
        joined = joining(session)
        wallet = await ledger.wallet_for_update(
            joined, program_id=card.program_id, user_id=card.user_id, currency=card.currency
        )
        payment = await find_or_open(joined, card, request, at)
        basis = await find_basis(joined, card.bearer, at)
        taken = await take_up(joined, card, wallet, payment, request, basis, at)
        return (await take(joined, taken, watch=Stopwatch()))[0]
    finally:
        await beginning.rollback()
