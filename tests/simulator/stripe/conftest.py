from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from running_stripe import RunningStripe, running_stripe
from stripe_conformance import Conformance

SCHEMA = Path(__file__).parents[4] / "shared" / "specs" / "stripe-issuing-subset.json"
ADDRESS = {"line1": "1 Sample Street", "city": "Springfield", "country": "US", "postal_code": "12345"}


@pytest.fixture(scope="session")
def conformance_if_present() -> Conformance | None:
    return Conformance(SCHEMA) if SCHEMA.is_file() else None


@pytest.fixture
def conformance(conformance_if_present: Conformance | None) -> Conformance:
    if conformance_if_present is None:
        pytest.skip(f"the schema of Stripe's API is not here: {SCHEMA.name}")
    return conformance_if_present


@pytest.fixture(scope="session")
def shared_stripe() -> Iterator[RunningStripe]:
    with running_stripe() as running:
        yield running


@pytest.fixture
def running(
    shared_stripe: RunningStripe, conformance_if_present: Conformance | None
) -> Iterator[RunningStripe]:
    """A fresh simulator; whatever a test said to it and heard from it must fit the published schema."""
    running = shared_stripe
    running.reset()
    yield running
    if conformance_if_present is None:
        return
    problems = [text for it in running.traffic.exchanges for text in conformance_if_present.problems(it)]
    problems += [text for it in running.receiver.events for text in conformance_if_present.event_problems(it)]
    assert not problems, "\n".join(problems)


@pytest.fixture
def client(running: RunningStripe) -> stripe.StripeClient:
    return running.client


@pytest.fixture
def cardholder_params() -> dict[str, Any]:
    return {
        "name": "Robin Sample",
        "email": "robin@example.com",
        "phone_number": "+15005550100",
        "type": "individual",
        "individual": {"first_name": "Robin", "last_name": "Sample"},
        "billing": {"address": ADDRESS},
    }


@pytest.fixture
def new_card(running: RunningStripe, cardholder_params: dict[str, Any]) -> Callable[..., stripe.issuing.Card]:
    """Issue an active dollar card to a new cardholder; keyword arguments are further parameters."""

    def make(**params: Any) -> stripe.issuing.Card:
        issuing = running.client.v1.issuing
        if "cardholder" not in params:
            params["cardholder"] = issuing.cardholders.create(cardholder_params).id  # type: ignore[arg-type]
        defaults = {"currency": "usd", "type": "virtual", "status": "active"}
        return issuing.cards.create(defaults | params)  # type: ignore[arg-type]

    return make


@pytest.fixture
def card(new_card: Callable[..., stripe.issuing.Card]) -> stripe.issuing.Card:
    return new_card()


@pytest.fixture
def pay(running: RunningStripe) -> Callable[..., stripe.issuing.Authorization]:
    """Ask for an authorization of a card; keyword arguments are further parameters."""

    def ask(card_id: str, amount: int, **params: Any) -> stripe.issuing.Authorization:
        wanted = {"card": card_id, "amount": amount} | params
        return running.client.v1.test_helpers.issuing.authorizations.create(wanted)  # type: ignore[arg-type]

    return ask
