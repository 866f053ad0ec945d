import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe.issuing import Authorization, Card

from running_stripe import RealTimeAnswer, RunningStripe

Pay = Callable[..., Authorization]


@pytest.fixture
def secret(running: RunningStripe) -> str:
    return running.decide_in_real_time()


def test_the_question_is_signed_and_shows_what_is_asked_for(
    running: RunningStripe, secret: str, card: Card, pay: Pay
) -> None:
    made = pay(card.id, 2500, is_amount_controllable=True)
    [(body, headers)] = running.receiver.questions
    event = running.client.construct_event(body, headers["stripe-signature"], secret)
    assert event.type == "issuing_authorization.request"
    assert headers["accept"] == "application/json"
    asked = json.loads(body)["data"]["object"]
    assert (asked["id"], asked["status"], asked["approved"]) == (made.id, "pending", False)
    assert (asked["amount"], asked["request_history"]) == (0, [])
    assert asked["pending_request"]["amount"] == 2500
    assert asked["pending_request"]["is_amount_controllable"] is True
    assert (made.request_history[0].reason, made.amount) == ("webhook_approved", 2500)


def test_the_request_goes_to_its_own_endpoint_alone_and_is_followed_by_created(
    running: RunningStripe, secret: str, card: Card, pay: Pay
) -> None:
    running.subscribe("*")
    pay(card.id, 2500)
    running.eventually(lambda: running.receiver.events)
    assert running.receiver.types == ["issuing_authorization.created"]


def test_a_refusal_closes_the_authorization(
    running: RunningStripe, secret: str, card: Card, pay: Pay
) -> None:
    running.receiver.answer = RealTimeAnswer({"approved": False, "metadata": {"rule": "r1"}})
    made = pay(card.id, 2500)
    assert (made.approved, made.status) == (False, "closed")
    assert made.request_history[0].reason == "webhook_declined"
    assert made.metadata.to_dict() == {"rule": "r1"}
    assert made.balance_transactions == []


@pytest.mark.parametrize(("is_controllable", "held"), [(True, 1000), (False, 2500)])
def test_a_part_is_approved_only_where_the_merchant_can_take_it(
    running: RunningStripe, secret: str, card: Card, pay: Pay, is_controllable: bool, held: int
) -> None:
    running.receiver.answer = RealTimeAnswer({"approved": True, "amount": 1000})
    made = pay(card.id, 2500, is_amount_controllable=is_controllable)
    assert (made.approved, made.amount) == (True, held)


@pytest.mark.parametrize(("default", "approved"), [("decline", False), ("approve", True)])
def test_a_late_answer_means_the_default(
    running: RunningStripe, card: Card, pay: Pay, default: str, approved: bool
) -> None:
    running.decide_in_real_time(timeout_default=default)
    running.receiver.answer = RealTimeAnswer({"approved": not approved}, delay_seconds=2.5)
    started = time.monotonic()
    made = pay(card.id, 2500)
    assert 1.9 < time.monotonic() - started < 2.4
    assert (made.approved, made.request_history[0].reason) == (approved, "webhook_timeout")
    assert made.amount == 2500


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (RealTimeAnswer(status=500), "status 500"),
        (RealTimeAnswer(status=201), "status 201"),
        (RealTimeAnswer(has_version=False), "Stripe-Version"),
        (RealTimeAnswer({"approved": "yes"}), "approved"),
        (RealTimeAnswer(["approved"]), "body"),
        (RealTimeAnswer({"approved": True, "amount": 0}), "amount"),
        (RealTimeAnswer({"approved": True, "amount": 2501}), "more than"),
    ],
)
def test_an_answer_in_the_wrong_form_declines(
    running: RunningStripe, secret: str, card: Card, pay: Pay, answer: RealTimeAnswer, problem: str
) -> None:
    running.receiver.answer = answer
    made = pay(card.id, 2500, is_amount_controllable=True)
    [decision] = made.request_history
    assert (made.approved, decision.reason) == (False, "webhook_error")
    assert problem in str(decision.reason_message)


def test_nobody_listening_is_an_error_too(running: RunningStripe, card: Card, pay: Pay) -> None:
    running.control("realtime", {"url": "http://127.0.0.1:9/decide"})
    assert pay(card.id, 100).request_history[0].reason == "webhook_error"


def test_an_increment_asks_for_the_difference(
    running: RunningStripe, secret: str, card: Card, pay: Pay, client: stripe.StripeClient
) -> None:
    running.subscribe()
    made = pay(card.id, 5000)
    client.v1.test_helpers.issuing.authorizations.increment(made.id, {"increment_amount": 700})
    asked = json.loads(running.receiver.questions[1][0])["data"]["object"]
    assert (asked["amount"], asked["pending_request"]["amount"]) == (5000, 700)
    running.eventually(lambda: len(running.receiver.events) == 2)
    assert running.receiver.types[1] == "issuing_authorization.updated"
    previous = running.receiver.events[1]["data"]["previous_attributes"]
    assert previous["amount"] == 5000
    assert "pending_request" not in previous


@pytest.mark.parametrize("kind", ["delay", "drop"])
def test_faults_make_the_question_late(
    running: RunningStripe, secret: str, card: Card, pay: Pay, kind: Any
) -> None:
    running.break_next("webhook", kind, "*.request", delay_milliseconds=3000)
    assert pay(card.id, 100).request_history[0].reason == "webhook_timeout"
    assert pay(card.id, 100).request_history[0].reason == "webhook_approved"


def test_a_question_asked_twice_has_one_effect(
    running: RunningStripe, secret: str, card: Card, pay: Pay
) -> None:
    running.break_next("webhook", "duplicate", "issuing_authorization.request")
    made = pay(card.id, 100)
    assert len(running.receiver.questions) == 2
    assert running.receiver.questions[0][0] == running.receiver.questions[1][0]
    assert (len(made.request_history), made.amount) == (1, 100)


def test_the_endpoints_secret_stays_when_its_url_changes_and_goes_with_it(
    running: RunningStripe, secret: str
) -> None:
    assert running.decide_in_real_time("approve") == secret
    running.world.stripe.realtime.remove()
    assert running.decide_in_real_time() != secret
