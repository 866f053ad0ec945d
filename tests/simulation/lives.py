"""Lives on one database, each of them undone at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

from builders import engine_for_tests
from cardwright.cards import Limit, Window
from cardwright.core.clock import MovableClock
from integration.payments import holders
from integration.payments.holders import Holding
from integration.payments.stage import Connected
from integration.payments.test_state_machine import LIMITS, START, OneWallet
from simulation.life import Life


@contextmanager
def connected_to(database_url: str) -> Iterator[type[OneWallet]]:
    """Make a holder with a card per set of limits; yield wallets of theirs."""
    connected = Connected(database_url)
    try:
        holding = connected.run(_a_holder(database_url))
        yield type("OneWalletHere", (OneWallet,), {"connected": connected, "holding": holding})
    finally:
        connected.close()


async def _a_holder(database_url: str) -> Holding:
    engine = engine_for_tests(database_url)
    limits = [[Limit(Window(window), amount) for window, amount in each.items()] for each in LIMITS]
    made = await holders.a_holding(engine, MovableClock(START), *limits)
    await engine.dispose()
    return made


def lived(wallets: type[OneWallet], seed: int, number: int, days: int) -> Life:
    """Go through one life: the same for the same seed and number."""
    life = Life(wallets(), f"{seed}/{number}")
    try:
        life.live(days)
    except AssertionError as error:
        error.add_note(f"seed {seed}, life {number}, after {life.steps} steps at {life.wallet.clock.now()}")
        raise
    finally:
        life.wallet.stage.leave()
    return life
