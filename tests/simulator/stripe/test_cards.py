from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe.issuing import Card

from running_stripe import RunningStripe
from simulator.stripe.card_numbers import is_luhn_valid

NewCard = Callable[..., Card]


def test_a_cardholder_is_created_changed_and_found(
    client: stripe.StripeClient, cardholder_params: dict[str, Any]
) -> None:
    holders = client.v1.issuing.cardholders
    made = holders.create(cardholder_params | {"metadata": {"a": "1", "b": "2"}})  # type: ignore[arg-type]
    assert made.status == "active"
    assert made.requirements.past_due == []
    changed = holders.update(
        made.id, {"status": "inactive", "email": "new@example.com", "metadata": {"a": "", "c": "3"}}
    )
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    assert holders.retrieve(made.id).email == "new@example.com"
    assert [it.id for it in holders.list({"status": "inactive"}).data] == [made.id]
    assert holders.list({"status": "active"}).data == []


def test_a_person_without_names_owes_them(
    client: stripe.StripeClient, cardholder_params: dict[str, Any]
) -> None:
    del cardholder_params["individual"]
    made = client.v1.issuing.cardholders.create(cardholder_params)  # type: ignore[arg-type]
    assert made.requirements.disabled_reason == "requirements.past_due"
    assert made.requirements.past_due == ["individual.first_name", "individual.last_name"]


def test_a_card_embeds_its_cardholder_and_is_inactive_by_default(
    client: stripe.StripeClient, cardholder_params: dict[str, Any]
) -> None:
    holder = client.v1.issuing.cardholders.create(cardholder_params)  # type: ignore[arg-type]
    made = client.v1.issuing.cards.create({"cardholder": holder.id, "currency": "USD", "type": "virtual"})
    assert made.status == "inactive"
    assert made.currency == "usd"
    assert made.cardholder.name == "Robin Sample"


def test_only_an_expanding_retrieval_shows_number_and_code(client: stripe.StripeClient, card: Card) -> None:
    assert "number" not in card
    assert "number" not in client.v1.issuing.cards.retrieve(card.id)
    shown = client.v1.issuing.cards.retrieve(card.id, {"expand": ["number", "cvc"]})
    assert shown.number is not None
    assert shown.cvc is not None
    assert shown.number.startswith("4000009990")
    assert len(shown.number) == 16
    assert is_luhn_valid(shown.number)
    assert shown.number.endswith(card.last4)
    assert len(shown.cvc) == 3
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        client.v1.issuing.cards.list({"expand": ["data.number"]})


def test_numbers_of_cards_differ(running: RunningStripe, new_card: NewCard, card: Card) -> None:
    holder = card.cardholder.id
    ids = [new_card(cardholder=holder).id for _ in range(20)]
    secrets = [running.world.objects.get("stripe.card_secret", card_id) for card_id in ids]
    assert len({secret["number"] for secret in secrets if secret}) == 20


def test_a_canceled_card_stays_canceled(client: stripe.StripeClient, card: Card) -> None:
    cards = client.v1.issuing.cards
    canceled = cards.update(card.id, {"status": "canceled", "cancellation_reason": "lost"})
    assert canceled.cancellation_reason == "lost"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        cards.update(card.id, {"status": "active"})
    assert refused.value.param == "status"


def test_controls_change_list_by_list_and_can_be_emptied(client: stripe.StripeClient, card: Card) -> None:
    cards = client.v1.issuing.cards
    cards.update(
        card.id,
        {
            "spending_controls": {
                "spending_limits": [{"amount": 50000, "interval": "monthly", "categories": ["bakeries"]}],
                "blocked_merchant_countries": ["FR"],
            }
        },
    )
    changed = cards.update(
        card.id, {"spending_controls": {"blocked_categories": ["betting_casino_gambling"]}}
    )
    controls = changed.spending_controls
    assert controls.spending_limits is not None
    assert [limit.amount for limit in controls.spending_limits] == [50000]
    assert controls.blocked_merchant_countries == ["FR"]
    assert controls.blocked_categories == ["betting_casino_gambling"]
    emptied = cards.update(card.id, {"spending_controls": {"spending_limits": ""}})  # type: ignore[typeddict-item]
    assert emptied.spending_controls.spending_limits == []


def test_a_replacement_goes_to_the_same_cardholder(client: stripe.StripeClient, card: Card) -> None:
    cards = client.v1.issuing.cards
    replacement = cards.create(
        {"currency": "usd", "type": "virtual", "replacement_for": card.id, "replacement_reason": "lost"}
    )
    assert replacement.cardholder.id == card.cardholder.id
    assert cards.retrieve(card.id).replaced_by == replacement.id


def test_a_card_for_two_payments_cancels_itself_after_the_second(
    running: RunningStripe, new_card: NewCard, pay: Callable[..., stripe.issuing.Authorization]
) -> None:
    card = new_card(lifecycle_controls={"cancel_after": {"payment_count": 2}})
    assert pay(card.id, 100).approved
    assert running.client.v1.issuing.cards.retrieve(card.id).status == "active"
    assert pay(card.id, 100).approved
    assert running.client.v1.issuing.cards.retrieve(card.id).status == "canceled"
    third = pay(card.id, 100)
    assert third.request_history[0].reason == "card_canceled"


def test_physical_cards_and_strangers_are_refused(client: stripe.StripeClient, card: Card) -> None:
    with pytest.raises(stripe.InvalidRequestError) as physical:
        client.v1.issuing.cards.create(
            {"cardholder": card.cardholder.id, "currency": "usd", "type": "physical"}
        )
    assert physical.value.param == "type"
    with pytest.raises(stripe.InvalidRequestError) as stranger:
        client.v1.issuing.cards.create({"cardholder": "ich_nobody", "currency": "usd", "type": "virtual"})
    assert (stranger.value.code, stranger.value.param) == ("resource_missing", "cardholder")
    assert stranger.value.http_status == 400
