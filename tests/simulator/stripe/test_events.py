import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stripe
from stripe.issuing import Card

from running_stripe import RunningStripe, running_stripe
from simulator.stripe.events import changes, is_subscribed


def test_webhooks_are_signed_as_the_sdk_expects(running: RunningStripe, cardholder_params: Any) -> None:
    secret = running.subscribe("issuing_cardholder.created")
    holder = running.client.v1.issuing.cardholders.create(cardholder_params, {"idempotency_key": "key"})
    running.eventually(lambda: running.receiver.arrivals)
    body, signature = running.receiver.arrivals[0]
    event = running.client.construct_event(body, signature, secret)
    assert (event.type, event.data.object["id"]) == ("issuing_cardholder.created", holder.id)
    assert event.request is not None
    assert event.request.idempotency_key == "key"
    with pytest.raises(stripe.SignatureVerificationError):
        running.client.construct_event(body, signature, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        running.client.construct_event(body + b" ", signature, secret)


def test_signatures_follow_the_wall_clock_and_objects_the_virtual_one(
    running: RunningStripe, cardholder_params: Any
) -> None:
    secret = running.subscribe()
    running.advance(30 * 86_400)
    holder = running.client.v1.issuing.cardholders.create(cardholder_params)
    assert holder.created > time.time() + 29 * 86_400
    running.eventually(lambda: running.receiver.arrivals)
    assert running.client.construct_event(*running.receiver.arrivals[0], secret).type
    signed_at = int(running.receiver.arrivals[0][1].split(",")[0].removeprefix("t="))
    assert abs(signed_at - time.time()) < 30


def test_an_endpoint_gets_what_it_asked_for(running: RunningStripe, card: Card) -> None:
    running.subscribe("issuing_card.updated")
    running.client.v1.issuing.cards.update(card.id, {"status": "inactive"})
    running.client.v1.issuing.cardholders.update(card.cardholder.id, {"status": "inactive"})
    running.client.v1.issuing.cards.update(card.id, {"metadata": {"a": "1"}})
    running.eventually(lambda: len(running.receiver.events) == 2)
    assert running.receiver.types == ["issuing_card.updated"] * 2
    assert running.receiver.events[0]["data"]["previous_attributes"] == {"status": "active"}
    assert running.receiver.events[1]["data"]["previous_attributes"] == {"metadata": {"a": None}}


def test_a_failing_endpoint_is_tried_again(running: RunningStripe, cardholder_params: Any) -> None:
    running.subscribe()
    running.receiver.failures_left = 2
    running.client.v1.issuing.cardholders.create(cardholder_params)
    running.eventually(lambda: running.receiver.arrivals)
    [event] = running.client.v1.events.list({"type": "issuing_cardholder.created"}).data
    running.eventually(lambda: running.client.v1.events.retrieve(event.id).pending_webhooks == 0)
    [delivery] = running.world.dispatcher.deliveries(event.id)
    assert [attempt.get("status") for attempt in delivery["attempts"]] == [500, 500, 202]


def test_events_are_listed_by_type_and_by_success(running: RunningStripe, cardholder_params: Any) -> None:
    events, holders = running.client.v1.events, running.client.v1.issuing.cardholders
    running.subscribe("issuing_cardholder.created")
    holder = holders.create(cardholder_params)
    holders.update(holder.id, {"email": "x@example.com"})
    running.eventually(lambda: running.receiver.arrivals)
    types = {"types": ["issuing_cardholder.updated", "issuing_card.created"]}
    assert [it.type for it in events.list(types).data] == ["issuing_cardholder.updated"]  # type: ignore[arg-type]
    assert len(events.list().data) == 2
    running.eventually(lambda: len(events.list({"delivery_success": True}).data) == 2)
    assert events.list({"delivery_success": False}).data == []


def test_an_endpoints_secret_is_shown_once(running: RunningStripe) -> None:
    endpoints = running.client.v1.webhook_endpoints
    made = endpoints.create(
        {"url": "https://a.example/hook", "enabled_events": ["payment_intent.succeeded"], "description": "x"}
    )
    assert str(made.secret).startswith("whsec_")
    assert "secret" not in endpoints.retrieve(made.id)
    assert "secret" not in endpoints.list().data[0]
    changed = endpoints.update(made.id, {"enabled_events": ["*"], "disabled": True, "description": ""})
    assert (changed.status, changed.enabled_events, changed.description) == ("disabled", ["*"], None)
    assert endpoints.delete(made.id).deleted is True
    with pytest.raises(stripe.InvalidRequestError) as gone:
        endpoints.retrieve(made.id)
    assert gone.value.http_status == 404


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"url": "ftp://a.example", "enabled_events": ["*"]}, "url"),
        ({"url": "https://a.example", "enabled_events": ["card.exploded"]}, "enabled_events[0]"),
        ({"url": "https://a.example"}, "enabled_events"),
    ],
)
def test_a_wrong_endpoint_is_refused(running: RunningStripe, params: Any, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        running.client.v1.webhook_endpoints.create(params)
    assert refused.value.param == param


def test_disabled_and_deleted_endpoints_hear_nothing(running: RunningStripe, cardholder_params: Any) -> None:
    running.subscribe("issuing_cardholder.created")
    endpoints = running.client.v1.webhook_endpoints
    [endpoint] = endpoints.list().data
    endpoints.update(endpoint.id, {"disabled": True})
    running.client.v1.issuing.cardholders.create(cardholder_params)
    endpoints.update(endpoint.id, {"disabled": False})
    heard = running.client.v1.issuing.cardholders.create(cardholder_params)
    endpoints.delete(endpoint.id)
    running.client.v1.issuing.cardholders.create(cardholder_params)
    [first, second, third] = running.client.v1.events.list().data[::-1]
    assert (first.pending_webhooks, third.pending_webhooks) == (0, 0)
    assert second.data.object["id"] == heard.id
    assert running.world.dispatcher.deliveries(first.id) == []


def test_a_pattern_selects_a_family() -> None:
    assert is_subscribed(["issuing_*"], "issuing_card.created")
    assert is_subscribed(["*"], "refund.created")
    assert not is_subscribed(["issuing_card.*"], "issuing_cardholder.created")
    assert not is_subscribed(["*", "issuing_authorization.request"], "issuing_authorization.request")


def test_changes_name_old_values_member_by_member() -> None:
    before = {"a": 1, "b": {"x": 1, "y": 2}, "c": [1], "d": None}
    after = {"a": 1, "b": {"x": 1, "y": 3, "z": 4}, "c": [1, 2], "d": {"k": 1}}
    assert changes(before, after) == {"b": {"y": 2, "z": None}, "c": [1], "d": None}


def test_everything_survives_a_restart(
    tmp_path: Any, cardholder_params: Any, new_card: Callable[..., Card]
) -> None:
    with running_stripe(tmp_path) as running:
        holder = running.client.v1.issuing.cardholders.create(cardholder_params)
        secret = running.decide_in_real_time()
        running.advance(3600)
    with running_stripe(tmp_path) as running:
        assert running.client.v1.issuing.cardholders.retrieve(holder.id).name == "Robin Sample"
        assert httpx.get(f"{running.base_url}/_sim/stripe/realtime").json()["secret"] == secret
        assert running.world.clock.offset_seconds == 3600
