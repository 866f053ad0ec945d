"""The SDK's client with our time limits, and its errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx
import stripe
from stripe import HTTPXClient, StripeClient

from cardwright.core.errors import Invalid, Unavailable
from cardwright.core.sensitive import Sensitive
from cardwright.measures import provider_call

CONNECT_TIMEOUT_SECONDS: Final = 2.0
READ_TIMEOUT_SECONDS: Final = 10.0
MAX_NETWORK_RETRIES: Final = 2
_HTTP_CONFLICT: Final = 409


class RequestRefused(Exception):
    """Stripe understood the request and refuses it, now and every time: a mistake in our code or settings."""

    def __init__(self, error: stripe.StripeError) -> None:
        super().__init__(str(error))
        self.code = error.code
        self.param: str | None = getattr(error, "param", None)
        self.http_status = error.http_status
        self.request_id = error.request_id


def make_client(api_key: Sensitive, base_url: str | None) -> StripeClient:
    """Return a client of Stripe, or of whatever stands in for it at `base_url`."""
    stripe.enable_telemetry = False
    timeout = httpx.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
    http_client = HTTPXClient(timeout=timeout, allow_sync_methods=True)
    if base_url is None:
        return StripeClient(
            api_key.reveal(), http_client=http_client, max_network_retries=MAX_NETWORK_RETRIES
        )
    root = base_url.rstrip("/")
    return StripeClient(
        api_key.reveal(),
        # An address left out would silently be the real one.
        base_addresses={"api": root, "connect": root, "files": root, "meter_events": root},
        http_client=http_client,
        max_network_retries=MAX_NETWORK_RETRIES,
    )


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise Unavailable for what a retry may heal and RequestRefused for what it cannot.

    A card error passes through: it is an answer about a payment, and the caller turns it into a value.
    """
    with provider_call("stripe"):
        yield from _translated()


def _translated() -> Iterator[None]:
    try:
        yield
    except stripe.CardError:
        raise
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        raise _unavailable() from error
    except stripe.StripeError as error:
        # The first call with this idempotency key still runs at Stripe.
        if error.http_status == _HTTP_CONFLICT:
            raise _unavailable() from error
        raise RequestRefused(error) from error


@contextmanager
def reading_answer() -> Iterator[None]:
    """Raise Unavailable for an answer that lacks what Stripe always tells: it is not Stripe's.

    The call may have taken effect; asking again, with the key it was made with, tells.
    """
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError, Invalid) as error:
        raise _unavailable() from error


def _unavailable() -> Unavailable:
    return Unavailable("processor_unavailable", "The payment processor does not answer; it is tried again.")
