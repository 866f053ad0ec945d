"""The passing of time: authorizations and disputes expire by themselves, also when the clock is moved."""

import asyncio

from simulator.stripe import disputes, lifecycle
from simulator.stripe.account import StripeAccount

SWEEP_SECONDS = 1.0


class ExpirySweep:
    """A task that looks for what has run out of time."""

    def __init__(self, account: StripeAccount) -> None:
        self._account = account
        self._task: asyncio.Task[None] | None = None
        account.clock.on_advance(lambda: _expire_due(account))

    async def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _sweep(self) -> None:
        while True:
            _expire_due(self._account)
            await asyncio.sleep(SWEEP_SECONDS)


def _expire_due(account: StripeAccount) -> None:
    lifecycle.expire_due(account)
    disputes.expire_due(account)
