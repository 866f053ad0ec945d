"""The one made-up Stripe account of this world: its keys and the parts it is made of."""

from simulator.clock import VirtualClock
from simulator.faults import Faults
from simulator.objects import JsonObject, ObjectStore
from simulator.settings import SimulatorSettings
from simulator.stripe.errors import missing_resource
from simulator.stripe.idempotency import IdempotencyKeys
from simulator.stripe.realtime import RealTimeWebhook
from simulator.stripe.signatures import signature_headers
from simulator.webhooks import Dispatcher

CHANNEL = "stripe"


class StripeAccount:
    """What every operation on the account is handed."""

    def __init__(
        self,
        settings: SimulatorSettings,
        objects: ObjectStore,
        clock: VirtualClock,
        faults: Faults,
        dispatcher: Dispatcher,
    ) -> None:
        self.settings = settings
        self.objects = objects
        self.clock = clock
        self.faults = faults
        self.dispatcher = dispatcher
        self.idempotency = IdempotencyKeys(objects)
        self.realtime = RealTimeWebhook(objects, faults, authority=settings.authority)
        dispatcher.register_signer(CHANNEL, signature_headers)

    def get(self, kind: str, object_id: str, *, noun: str, param: str | None = None) -> JsonObject:
        """Return an object; StripeError 404 when a URL names it, 400 when the parameter `param` does."""
        found = self.objects.get(kind, object_id)
        if found is None:
            raise missing_resource(noun, object_id, param=param or "id", status=400 if param else 404)
        return found

    def page_url(self, path: str) -> str:
        """Return the address of one of the account's hosted pages."""
        return f"{self.settings.base_url}/_sim/stripe/{path}"
