"""The world: one object that holds everything the simulator is made of."""

from pathlib import Path

from simulator.acs import ChallengeServer
from simulator.clock import VirtualClock
from simulator.email_events import EmailEvents
from simulator.faults import Faults
from simulator.inbox import Inbox
from simulator.objects import ObjectStore
from simulator.onfido import IdentityDesk
from simulator.settings import SimulatorSettings
from simulator.stripe.account import StripeAccount
from simulator.stripe.expiry import ExpirySweep
from simulator.webhooks import RETRY_DELAYS_SECONDS, Dispatcher

DATABASE_NAME = "simulator.sqlite3"


class World:
    """What every request handler gets as `request.app.state.world`; in memory without a data folder."""

    def __init__(
        self,
        settings: SimulatorSettings,
        data_dir: Path | None = None,
        *,
        retry_delays_seconds: tuple[float, ...] = RETRY_DELAYS_SECONDS,
    ) -> None:
        if data_dir is not None:
            data_dir.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.data_dir = data_dir
        self.objects = ObjectStore(data_dir / DATABASE_NAME if data_dir else None)
        self.clock = VirtualClock(self.objects)
        self.faults = Faults(self.objects)
        self.inbox = Inbox(self.objects, self.clock)
        self.dispatcher = Dispatcher(
            self.objects, self.clock, self.faults,
            retry_delays_seconds=retry_delays_seconds, authority=settings.authority,
        )  # fmt: skip
        self.stripe = StripeAccount(settings, self.objects, self.clock, self.faults, self.dispatcher)
        self.acs = ChallengeServer(self.objects, self.clock, self.dispatcher)
        self.onfido = IdentityDesk(settings, self.objects, self.clock, self.dispatcher)
        self.email_events = EmailEvents(self.objects, self.clock, self.dispatcher)
        self._expiry = ExpirySweep(self.stripe)

    async def start(self) -> None:
        """Begin what happens by itself: webhooks leave, authorizations expire, challenges time out."""
        await self.dispatcher.start()
        await self.acs.start()
        await self._expiry.start()

    async def stop(self) -> None:
        """End what happens by itself; everything known stays in the store."""
        await self._expiry.stop()
        await self.acs.stop()
        await self.stripe.realtime.close()
        await self.dispatcher.stop()
        self.objects.close()
