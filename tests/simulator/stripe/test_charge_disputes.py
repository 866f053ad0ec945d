"""Cardholders who take back through their bank what they paid, and banks that send refunds back."""

from typing import Any

import pytest
import stripe

from running_stripe import RunningStripe

TOLD = ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")


def paid(client: stripe.StripeClient, method: str = "pm_card_visa") -> stripe.PaymentIntent:
    wanted: Any = {"amount": 5000, "currency": "usd", "payment_method": method, "confirm": True}
    return client.v1.payment_intents.create(wanted)


def dispute_of(client: stripe.StripeClient, intent: stripe.PaymentIntent) -> stripe.Dispute:
    [found] = client.v1.disputes.list({"payment_intent": intent.id}).data
    return found


def balance(client: stripe.StripeClient) -> int:
    return client.v1.balance.retrieve().available[0].amount


def moved(dispute: stripe.Dispute) -> list[int]:
    return [it.amount for it in dispute.balance_transactions]


@pytest.mark.parametrize(("outcome", "amounts"), [("won", [-5000, 5000]), ("lost", [-5000])])
def test_a_dispute_takes_the_money_and_its_end_decides(
    running: RunningStripe, client: stripe.StripeClient, outcome: str, amounts: list[int]
) -> None:
    running.subscribe(*(f"charge.dispute.{name}" for name in TOLD))
    dispute = dispute_of(client, paid(client, "pm_card_createDispute"))
    assert (dispute.status, dispute.reason, moved(dispute), balance(client)) == (
        "needs_response", "fraudulent", [-5000], 0,
    )  # fmt: skip
    running.control(f"disputes/{dispute.id}/close", {"outcome": outcome})
    closed = client.v1.disputes.retrieve(dispute.id)
    assert (closed.status, moved(closed), balance(client)) == (outcome, amounts, sum(amounts) + 5000)
    told = ["created", "funds_withdrawn", "closed", *(["funds_reinstated"] if outcome == "won" else [])]
    running.eventually(lambda: len(running.receiver.events) == len(told))
    assert running.receiver.types == [f"charge.dispute.{name}" for name in told]
    again = running.control(f"disputes/{dispute.id}/close", {"outcome": "won"})
    assert again.status_code == 400
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "late"}})


def test_evidence_is_weighed_as_in_stripes_test_mode(client: stripe.StripeClient) -> None:
    dispute = dispute_of(client, paid(client, "pm_card_createDispute"))
    drafted = client.v1.disputes.update(
        dispute.id, {"evidence": {"product_description": "Money"}, "submit": False}
    )
    assert (drafted.status, drafted.evidence_details.submission_count) == ("needs_response", 0)
    sent = client.v1.disputes.update(dispute.id, {"evidence": {"customer_communication": "file_1"}})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    won = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert won.status == "won"


def test_an_inquiry_takes_nothing_until_it_becomes_a_dispute(
    running: RunningStripe, client: stripe.StripeClient
) -> None:
    quiet, loud = (dispute_of(client, paid(client, "pm_card_createDisputeInquiry")) for _ in range(2))
    assert (quiet.status, moved(quiet), quiet.is_charge_refundable) == ("warning_needs_response", [], True)
    client.v1.refunds.create({"charge": str(quiet.charge), "amount": 100})
    running.control(f"disputes/{quiet.id}/close", {"outcome": "warning_closed"})
    assert client.v1.disputes.retrieve(quiet.id).status == "warning_closed"
    running.control(f"disputes/{loud.id}/close", {"outcome": "escalated"})
    assert moved(client.v1.disputes.retrieve(loud.id)) == [-5000]


def test_any_paid_charge_can_be_disputed_once_and_then_not_refunded(
    running: RunningStripe, client: stripe.StripeClient
) -> None:
    intent = paid(client)
    charge = str(intent.latest_charge)
    wish = {"amount": 2000, "reason": "product_not_received"}
    made = running.control(f"charges/{charge}/dispute", wish).json()
    assert (made["amount"], made["status"], made["payment_intent"]) == (2000, "needs_response", intent.id)
    assert running.control(f"charges/{charge}/dispute", wish).json()["error"]["code"] == "charge_disputed"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.refunds.create({"charge": charge})
    assert refused.value.code == "charge_disputed"
    running.control(f"disputes/{made['id']}/close", {"outcome": "won"})
    assert client.v1.refunds.create({"charge": charge}).amount == 5000


def test_a_bank_takes_a_refund_later_or_sends_it_back(
    running: RunningStripe, client: stripe.StripeClient
) -> None:
    running.subscribe("refund.created", "refund.updated", "refund.failed")
    pending, returned = (
        client.v1.refunds.create({"payment_intent": paid(client, method).id})
        for method in ("pm_card_pendingRefund", "pm_card_refundFail")
    )
    assert (pending.status, returned.status) == ("pending", "succeeded")
    failed = client.v1.refunds.retrieve(returned.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    running.control(f"refunds/{pending.id}/settle", {"outcome": "succeeded"})
    assert client.v1.refunds.retrieve(pending.id).status == "succeeded"
    assert running.control(f"refunds/{returned.id}/settle", {"outcome": "succeeded"}).status_code == 400
    assert balance(client) == 5000
    assert client.v1.refunds.create({"charge": str(returned.charge)}).amount == 5000
    running.eventually(lambda: "refund.failed" in running.receiver.types)
    running.eventually(lambda: running.receiver.types.count("refund.updated") >= 2)


def test_garbage_is_answered_for_a_call_that_took_effect(
    running: RunningStripe, client: stripe.StripeClient
) -> None:
    running.break_next("api", "garbage", "POST /v1/payment_intents")
    with pytest.raises(stripe.APIError):
        paid(client)
    assert len(client.v1.payment_intents.list().data) == 1
