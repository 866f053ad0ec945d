"""What judges the recorded traffic of all tests is judged itself; and every operation is visited."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe.issuing import Authorization, Card

from running_stripe import Exchange, RunningStripe
from simulator.stripe.api import OPERATIONS
from simulator.stripe.operations import Operation
from stripe_conformance import Conformance

EPHEMERAL_KEY_VERSION: Any = {"stripe_version": "2026-10-28.endive"}


def exchange_from(running: RunningStripe, path: str) -> Exchange:
    return next(it for it in running.traffic.exchanges if it.path == path)


def test_the_judge_notices_wrong_answers_and_wrong_requests(
    running: RunningStripe, conformance: Conformance, card: Card
) -> None:
    good = exchange_from(running, "/v1/issuing/cards")
    assert conformance.problems(good) == []

    def changed(**members: Any) -> Exchange:
        fields = {name: getattr(good, name) for name in ("method", "path", "query", "form", "status", "body")}
        return Exchange(**(fields | members))

    body = json.loads(json.dumps(good.body))
    assert conformance.problems(changed(body=body | {"status": "frozen"}))
    assert conformance.problems(changed(body={k: v for k, v in body.items() if k != "last4"}))
    assert conformance.problems(changed(body=body | {"cardholder": "ich_1"}))
    assert conformance.problems(changed(form=f"{good.form}&colour=red"))
    assert conformance.problems(changed(form=f"{good.form}&exp_month=x"))
    assert conformance.problems(changed(status=400, body={"error": "text"}))
    assert conformance.problems(changed(path="/v1/issuing/nothing"))


def test_the_judge_of_what_the_schema_leaves_out_notices_wrong_answers_and_requests(
    running: RunningStripe, conformance: Conformance, client: stripe.StripeClient
) -> None:
    client.v1.setup_intents.create({"customer": client.v1.customers.create().id})
    good = exchange_from(running, "/v1/setup_intents")
    assert conformance.problems(good) == []

    def changed(form: str = good.form, **members: Any) -> Exchange:
        body = good.body | members
        body = {name: value for name, value in body.items() if value is not ...}
        return Exchange(good.method, good.path, good.query, form, good.status, body)

    assert conformance.problems(changed(status="waiting"))
    assert conformance.problems(changed(created="yesterday"))
    assert conformance.problems(changed(usage=...))
    assert conformance.problems(changed(colour="red"))
    assert conformance.problems(changed(f"{good.form}&colour=red"))
    assert conformance.problems(changed(f"{good.form}&usage=sometimes"))


def test_a_tour_of_every_operation_conforms(
    running: RunningStripe,
    conformance: Conformance,
    client: stripe.StripeClient,
    card: Card,
    pay: Callable[..., Authorization],
) -> None:
    running.subscribe()
    _tour_issuing(client, card, pay)
    _tour_disputes(running, client, card)
    _tour_payments(client)
    _tour_kept_cards(client)
    _tour_charge_disputes(client)
    _tour_identity(running, client)
    _tour_webhooks(client)
    client.raw_request("post", f"/v1/issuing/cards/{card.id}/test/authorizations", amount=100)
    running.eventually(lambda: running.receiver.types.count("refund.created") == 1)
    problems = [text for it in running.traffic.exchanges for text in conformance.problems(it)]
    assert problems == []
    assert [it.path for it in OPERATIONS if not _is_visited(it, running)] == []


def _is_visited(operation: Operation[Any], running: RunningStripe) -> bool:
    pattern = re.compile(re.sub(r"{\w+}", "[a-zA-Z]+_[^/]+", operation.path))
    return any(
        it.method == operation.method and pattern.fullmatch(it.path) and it.status == 200
        for it in running.traffic.exchanges
    )


def _tour_issuing(client: stripe.StripeClient, card: Card, pay: Callable[..., Authorization]) -> None:
    issuing, helpers = client.v1.issuing, client.v1.test_helpers.issuing
    issuing.cardholders.retrieve(card.cardholder.id)
    issuing.cardholders.update(card.cardholder.id, {"metadata": {"a": "b"}})
    issuing.cardholders.list({"type": "individual", "created": {"gte": 1}})
    issuing.cards.retrieve(card.id, {"expand": ["number", "cvc"]})
    issuing.cards.update(card.id, {"metadata": {"a": "b"}})
    issuing.cards.list({"status": "active", "limit": 1})
    made = pay(card.id, 3000, merchant_data={"category": "book_stores", "country": "US", "name": "B"})
    helpers.authorizations.increment(made.id, {"increment_amount": 500})
    helpers.authorizations.reverse(made.id, {"reverse_amount": 100})
    issuing.authorizations.update(made.id, {"metadata": {"a": "b"}})
    details = {"reference": "r", "receipt": [{"description": "book", "total": 3400}]}
    closed = helpers.authorizations.capture(made.id, {"purchase_details": details})  # type: ignore[typeddict-item]
    helpers.transactions.refund(closed.transactions[0].id, {"refund_amount": 1})
    helpers.authorizations.expire(pay(card.id, 100).id)
    helpers.transactions.create_force_capture({"card": card.id, "amount": 1})
    helpers.transactions.create_unlinked_refund({"card": card.id, "amount": 1})
    issuing.authorizations.retrieve(made.id)
    issuing.authorizations.list({"card": card.id, "status": "closed"})
    issuing.transactions.retrieve(closed.transactions[0].id)
    issuing.transactions.update(closed.transactions[0].id, {"metadata": {"a": "b"}})
    issuing.transactions.list({"type": "capture"})
    shown = {"issuing_card": card.id, "nonce": "n"}
    client.v1.ephemeral_keys.delete(client.v1.ephemeral_keys.create(shown, EPHEMERAL_KEY_VERSION).id)


def _tour_disputes(running: RunningStripe, client: stripe.StripeClient, card: Card) -> None:
    disputes, helpers = client.v1.issuing.disputes, client.v1.test_helpers.issuing
    shown = client.v1.files.create({"file": io.BytesIO(b"%PDF-1.7"), "purpose": "dispute_evidence"})
    client.v1.files.retrieve(shown.id)
    taken = [helpers.transactions.create_force_capture({"card": card.id, "amount": 500}) for _ in range(2)]
    for answer, transaction in zip(("won", "lost"), taken, strict=True):
        made = disputes.create(
            {
                "transaction": transaction.id,
                "amount": 400,
                "evidence": {"reason": "fraudulent", "fraudulent": {"explanation": "Not mine."}},
            }
        )
        told = {"additional_documentation": shown.id}
        disputes.update(made.id, {"evidence": {"fraudulent": told}})  # type: ignore[typeddict-item]
        disputes.submit(made.id, {"metadata": {"a": "b"}})
        for step in ("credit", answer):
            assert running.control(f"disputes/{made.id}", {"answer": step}).is_success
        disputes.retrieve(made.id, {"expand": ["transaction"]})
    disputes.list({"status": "won", "transaction": taken[0].id})


def _tour_payments(client: stripe.StripeClient) -> None:
    intents = client.v1.payment_intents
    open_intent = intents.create({"amount": 500, "currency": "usd", "allowed_payment_method_types": ["card"]})
    intents.cancel(open_intent.id)
    asked = intents.create({"amount": 500, "currency": "usd"})
    intents.confirm(asked.id, {"payment_method": "pm_card_authenticationRequired"})
    paid = intents.create(
        {"amount": 500, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    )
    with pytest.raises(stripe.CardError):
        intents.create(
            {"amount": 500, "currency": "usd", "payment_method": "pm_card_chargeDeclined", "confirm": True}
        )
    intents.list({"limit": 100})
    intents.retrieve(paid.id)
    refund = client.v1.refunds.create({"payment_intent": paid.id})
    client.v1.refunds.retrieve(refund.id)
    client.v1.refunds.list({"payment_intent": paid.id})
    client.v1.balance.retrieve()
    [moved] = client.v1.balance_transactions.list({"source": refund.id, "type": "refund"}).data
    client.v1.balance_transactions.retrieve(moved.id, {"expand": ["source"]})


def _tour_kept_cards(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"email": "robin@example.com", "metadata": {"a": "b"}})
    client.v1.customers.retrieve(customer.id)
    client.v1.customers.update(customer.id, {"name": "Robin Sample"})
    client.v1.customers.list({"email": "robin@example.com"})
    setups = client.v1.setup_intents
    asked: Any = {
        "customer": customer.id,
        "usage": "off_session",
        "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
    }
    made = setups.create(asked)
    kept = setups.confirm(made.id, {"payment_method": "pm_card_mastercard"})
    setups.retrieve(made.id, {"expand": ["payment_method"]})
    waiting = setups.create(
        {**asked, "confirm": True, "payment_method": "pm_card_authenticationRequiredOnSetup"}
    )
    setups.cancel(waiting.id, {"cancellation_reason": "abandoned"})
    setups.list({"customer": customer.id})
    methods = client.v1.payment_methods
    attached = methods.attach("pm_card_visa", {"customer": customer.id})
    methods.retrieve(attached.id)
    methods.list({"customer": customer.id, "type": "card"})
    methods.detach(str(kept.payment_method))


def _tour_charge_disputes(client: stripe.StripeClient) -> None:
    def disputed(token: str) -> stripe.Dispute:
        wanted: Any = {"amount": 500, "currency": "usd", "payment_method": token, "confirm": True}
        paid = client.v1.payment_intents.create(wanted)
        [dispute] = client.v1.disputes.list({"payment_intent": paid.id}).data
        return dispute

    won, lost = disputed("pm_card_createDispute"), disputed("pm_card_createDisputeProductNotReceived")
    client.v1.disputes.update(won.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    client.v1.disputes.close(lost.id)
    client.v1.disputes.retrieve(disputed("pm_card_createDisputeInquiry").id)


def _tour_identity(running: RunningStripe, client: stripe.StripeClient) -> None:
    sessions = client.v1.identity.verification_sessions
    for outcome in ("verified", "document_expired", "selfie_face_mismatch", "under_supported_age"):
        session = sessions.create({"type": "document"})
        running.control(f"identity/{session.id}/submit", {"outcome": outcome})
        shown = sessions.retrieve(session.id, {"expand": ["verified_outputs"]})
        assert isinstance(shown.last_verification_report, str)
        client.v1.identity.verification_reports.retrieve(shown.last_verification_report)
    sessions.cancel(sessions.create({"type": "document"}).id)
    sessions.list({"status": "verified"})


def _tour_webhooks(client: stripe.StripeClient) -> None:
    endpoints = client.v1.webhook_endpoints
    made = endpoints.create({"url": "https://a.example", "enabled_events": ["charge.refunded"]})
    endpoints.retrieve(made.id)
    endpoints.update(made.id, {"metadata": {"a": "b"}})
    endpoints.list()
    endpoints.delete(made.id)
    [event] = client.v1.events.list({"limit": 1}).data
    client.v1.events.retrieve(event.id)
