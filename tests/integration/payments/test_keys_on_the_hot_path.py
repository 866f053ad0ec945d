"""An authorization reads sealed data without asking anybody for a key."""

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright import payments, wiring
from cardwright.core.clock import MovableClock
from cardwright.db.session import transaction
from cardwright.encryption import Keyring, with_keyring
from cardwright.programs import Program
from integration.encryption.counting import CountingProvider
from integration.kyc.people import the_program
from integration.payments import holders
from integration.payments.network import BAKERY, Purchase, Ticking


async def test_a_warm_process_decides_without_the_key_provider_and_without_looking_for_keys(
    engine: AsyncEngine, clock: MovableClock
) -> None:
    holding = await holders.a_holding(engine, clock, balance=100_00)
    provider = CountingProvider()
    warmed = with_keyring(engine, Keyring(provider, wiring.SEALED_COLUMNS, clock))
    async with transaction(warmed) as session:
        program = await the_program(session)
    await wiring.warm({Program: program}, warmed)
    before = provider.unwrapped
    statements: list[str] = []
    event.listen(warmed.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    for number in range(3):
        purchase = Purchase(f"iauth_{number}", holding.references[0], BAKERY, Ticking(clock.now()))
        async with transaction(warmed) as session:
            decision = await payments.authorize(
                session, purchase.question(10_00), program_id=holding.program_id, at=clock.now()
            )
        assert decision.is_approved
    assert provider.unwrapped == before
    assert any("profiles" in statement for statement in statements)
    assert not any("data_keys" in statement for statement in statements)
