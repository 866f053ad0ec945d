"""Whatever is in the books of a person holds their account back."""

from datetime import timedelta

from cardwright import ledger
from cardwright.core.clock import MovableClock
from cardwright.db.session import Session

WHO = {"program_id": "prog_1", "user_id": "user_1", "currency": "USD"}


async def codes(session: Session) -> list[str]:
    found = await ledger.find_obstacles(session, program_id="prog_1", user_id="user_1")
    return [obstacle.code for obstacle in found]


async def test_somebody_without_money_is_let_go(session: Session) -> None:
    assert await codes(session) == []
    await ledger.wallet_for_update(session, **WHO)
    assert await codes(session) == []


async def test_money_and_what_is_held_of_it_hold_back(session: Session, clock: MovableClock) -> None:
    await ledger.credit_wallet(
        session, **WHO, amount=100, contra="funding_in_transit", kind="top_up", external_id="top_up:1",
        at=clock.now(),
    )  # fmt: skip
    assert await codes(session) == ["money_left"]
    wallet = await ledger.wallet_for_update(session, **WHO)
    expires_at = clock.now() + timedelta(days=7)
    await ledger.place_hold(session, wallet, payment_id="pay_1", amount=40, expires_at=expires_at)
    assert await codes(session) == ["payments_open", "money_left"]


async def test_what_is_owed_holds_back(session: Session, clock: MovableClock) -> None:
    wallet = await ledger.wallet_for_update(session, **WHO)
    await ledger.debit_wallet(
        session, wallet=wallet, amount=70, contra="issuer_settlement", kind="clearing",
        external_id="clearing:1", payment_id="pay_1", at=clock.now(),
    )  # fmt: skip
    assert await codes(session) == ["money_owed"]
