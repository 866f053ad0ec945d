"""Ephemeral keys: for one card and one page, and refused as Stripe refuses them."""

from typing import Any

import httpx
import pytest
import stripe
from stripe.issuing import Card

from running_simulator import QUICK
from running_stripe import RunningStripe

VERSION: Any = {"stripe_version": "2026-10-28.endive"}


def test_a_key_shows_one_card_for_a_quarter_of_an_hour(client: stripe.StripeClient, card: Card) -> None:
    made = client.v1.ephemeral_keys.create({"issuing_card": card.id, "nonce": "n"}, VERSION)
    assert made.secret is not None
    assert made.secret.startswith("ek_test_")
    assert made.expires - made.created == 900


def test_a_nonce_serves_once(client: stripe.StripeClient, card: Card) -> None:
    client.v1.ephemeral_keys.create({"issuing_card": card.id, "nonce": "n"}, VERSION)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.ephemeral_keys.create({"issuing_card": card.id, "nonce": "n"}, VERSION)
    assert refused.value.param == "nonce"


@pytest.mark.parametrize("missing", ["issuing_card", "nonce"])
def test_card_and_nonce_are_needed(client: stripe.StripeClient, card: Card, missing: str) -> None:
    params: Any = {"issuing_card": card.id, "nonce": "n"}
    del params[missing]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.ephemeral_keys.create(params, VERSION)
    assert (refused.value.code, refused.value.param) == ("parameter_missing", missing)


def test_a_card_that_is_not_there_has_no_key(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.ephemeral_keys.create({"issuing_card": "ic_of_nobody", "nonce": "n"}, VERSION)
    assert (refused.value.code, refused.value.param) == ("resource_missing", "issuing_card")


def test_without_a_version_there_is_no_key(running: RunningStripe, card: Card) -> None:
    answer = httpx.post(
        f"{running.base_url}/v1/ephemeral_keys",
        data={"issuing_card": card.id, "nonce": "n"},
        headers={"Authorization": f"Bearer {QUICK.stripe_secret_key}"},
    )
    assert answer.status_code == 400
    assert "Stripe-Version" in answer.json()["error"]["message"]


def test_a_key_can_be_ended_once(client: stripe.StripeClient, card: Card) -> None:
    made = client.v1.ephemeral_keys.create({"issuing_card": card.id, "nonce": "n"}, VERSION)
    assert client.v1.ephemeral_keys.delete(made.id).id == made.id
    with pytest.raises(stripe.InvalidRequestError, match="No such ephemeral key"):
        client.v1.ephemeral_keys.delete(made.id)
