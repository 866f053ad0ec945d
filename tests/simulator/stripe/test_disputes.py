"""Disputes as the official SDK meets them: strict evidence, one submission, the network's answer."""

import base64
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stripe
from stripe.issuing import Card, Dispute

from running_stripe import RunningStripe
from simulator.stripe.events import TYPES

DAY_SECONDS = 86_400
PNG = b"\x89PNG\r\n\x1a\nrest"
TOLD: dict[str, dict[str, Any]] = {
    "canceled": {
        "canceled_at": 1_700_000_000,
        "cancellation_policy_provided": "true",
        "cancellation_reason": "Too late.",
        "expected_at": 1_700_100_000,
        "explanation": "Canceled in time.",
        "product_description": "A chair",
        "product_type": "merchandise",
    },
    "fraudulent": {"explanation": "Not mine."},
    "merchandise_not_as_described": {
        "explanation": "A stool came.",
        "received_at": 1_700_000_000,
        "return_description": "Sent back by post.",
        "return_status": "merchant_rejected",
        "returned_at": 1_700_100_000,
    },
    "no_valid_authorization": {"explanation": "Nobody asked."},
    "not_received": {
        "expected_at": 1_700_000_000,
        "explanation": "Nothing came.",
        "product_description": "A chair",
        "product_type": "merchandise",
    },
    "other": {
        "explanation": "Odd.",
        "product_description": "A chair",
        "product_type": "service",
    },
    "service_not_as_described": {
        "canceled_at": 1_700_000_000,
        "cancellation_reason": "Another room.",
        "explanation": "No sea view.",
        "received_at": 1_700_000_000,
    },
}


@pytest.fixture
def client(running: RunningStripe) -> stripe.StripeClient:
    return running.client


@pytest.fixture
def capture(client: stripe.StripeClient, card: Card) -> Callable[..., str]:
    def take(amount: int = 1000) -> str:
        wanted: Any = {"card": card.id, "amount": amount}
        return client.v1.test_helpers.issuing.transactions.create_force_capture(wanted).id

    return take


def disputed(
    client: stripe.StripeClient, transaction: str, reason: str = "fraudulent", **more: Any
) -> Dispute:
    evidence: Any = {"reason": reason, reason: TOLD[reason]}
    return client.v1.issuing.disputes.create({"transaction": transaction, "evidence": evidence, **more})


def upload(client: stripe.StripeClient, content: bytes = PNG, **options: Any) -> stripe.File:
    return client.v1.files.create(
        {"file": io.BytesIO(content), "purpose": "dispute_evidence"},
        options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("reason", TOLD)
def test_a_dispute_of_every_reason_is_submitted_once_its_evidence_is_complete(
    client: stripe.StripeClient, capture: Callable[..., str], reason: str
) -> None:
    disputes = client.v1.issuing.disputes
    empty: Any = {"evidence": {"reason": reason}}
    made = disputes.create({"transaction": capture(), **empty})
    for name, value in TOLD[reason].items():
        with pytest.raises(stripe.InvalidRequestError) as refused:
            disputes.submit(made.id)
        assert refused.value.code == "parameter_missing"
        told: Any = {"evidence": {reason: {name: value}}}
        disputes.update(made.id, told)
    assert disputes.submit(made.id).status == "submitted"
    with pytest.raises(stripe.InvalidRequestError, match="not unsubmitted"):
        disputes.submit(made.id)
    with pytest.raises(stripe.InvalidRequestError, match="not unsubmitted"):
        disputes.update(made.id, {"amount": 1})
    assert disputes.update(made.id, {"metadata": {"a": "b"}}).metadata["a"] == "b"


def test_a_duplicate_names_the_transaction_that_it_repeats(
    client: stripe.StripeClient, capture: Callable[..., str]
) -> None:
    first, second = capture(), capture()
    disputes = client.v1.issuing.disputes
    evidence: Any = {
        "reason": "duplicate",
        "duplicate": {"explanation": "Twice.", "original_transaction": first},
    }
    made = disputes.create({"transaction": second, "evidence": evidence})
    assert disputes.submit(made.id).status == "submitted"
    unknown: Any = {"duplicate": {"original_transaction": "ipi_nobody"}}
    with pytest.raises(stripe.InvalidRequestError, match="No such issuing transaction"):
        disputes.create({"transaction": first, "evidence": unknown})


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "Missing required param: transaction"),
        ({"transaction": "ipi_nobody"}, "No such issuing transaction"),
        ({"amount": 1001}, "At most 1000"),
        ({"amount": 0}, "Invalid integer"),
        ({"amount": "1.5"}, "Invalid integer"),
        ({"colour": "red"}, "unknown parameter: colour"),
        ({"evidence": {"reason": "regret"}}, "must be one of"),
        ({"evidence": {"fraudulent": {"mood": "bad"}}}, r"evidence\[fraudulent\]\[mood\]"),
        ({"evidence": {"fraudulent": {"explanation": "x" * 1501}}}, "at most 1500"),
        ({"evidence": {"fraudulent": {"additional_documentation": "file_1"}}}, "No such file upload"),
        ({"evidence": {"canceled": {"canceled_at": "soon"}}}, "Invalid timestamp"),
        ({"evidence": {"canceled": {"cancellation_policy_provided": "maybe"}}}, "Invalid boolean"),
        ({"treasury": {"received_debit": "rd_1"}}, "no financial accounts"),
    ],
)
def test_a_dispute_that_makes_no_sense_is_refused(
    client: stripe.StripeClient, capture: Callable[..., str], params: Any, said: str
) -> None:
    wanted = params if not params or "transaction" in params else {"transaction": capture(), **params}
    with pytest.raises(stripe.InvalidRequestError, match=said):
        client.v1.issuing.disputes.create(wanted)
    assert client.v1.issuing.disputes.list().data == []


def test_a_transaction_has_one_dispute_and_a_refund_none(
    client: stripe.StripeClient, card: Card, capture: Callable[..., str]
) -> None:
    transaction = capture()
    made = disputed(client, transaction)
    assert client.v1.issuing.transactions.retrieve(transaction).dispute == made.id
    with pytest.raises(stripe.InvalidRequestError, match="disputed already"):
        disputed(client, transaction)
    wanted: Any = {"card": card.id, "amount": 1}
    refund = client.v1.test_helpers.issuing.transactions.create_unlinked_refund(wanted)
    with pytest.raises(stripe.InvalidRequestError, match="Only a capture"):
        disputed(client, refund.id)


def test_a_group_and_a_member_are_emptied_by_an_empty_text(
    client: stripe.StripeClient, capture: Callable[..., str]
) -> None:
    made = disputed(client, capture(), "other")
    assert made.evidence.other is not None
    change: Any = {"evidence": {"other": {"product_type": ""}, "fraudulent": ""}}
    changed = client.v1.issuing.disputes.update(made.id, change)
    assert changed.evidence.other is not None
    assert (changed.evidence.other.product_type, changed.evidence.other.explanation) == (None, "Odd.")
    whole: Any = {"evidence": {"other": ""}}
    assert client.v1.issuing.disputes.update(made.id, whole).evidence.other is None


@pytest.mark.parametrize(
    ("answers", "status", "moved", "told"),
    [
        (["won"], "won", [1000], ["funds_reinstated", "closed"]),
        (["lost"], "lost", [], ["closed"]),
        (["credit", "won"], "won", [1000], ["funds_reinstated", "closed"]),
        (["credit", "lost"], "lost", [1000, -1000], ["funds_reinstated", "funds_rescinded", "closed"]),
        (
            ["credit", "take_back", "won"],
            "won",
            [1000, -1000, 1000],
            ["funds_reinstated", "funds_rescinded", "funds_reinstated", "closed"],
        ),
    ],
)
def test_the_networks_answers_move_the_issuing_balance_and_are_told(
    running: RunningStripe, client: stripe.StripeClient, capture: Callable[..., str], answers: list[str],
    status: str, moved: list[int], told: list[str],
) -> None:  # fmt: skip
    made = disputed(client, capture())
    running.subscribe(*(name for name in TYPES if name.startswith("issuing_dispute.")))
    client.v1.issuing.disputes.submit(made.id)
    before = client.v1.balance.retrieve().issuing.available[0].amount  # type: ignore[union-attr]
    for answer in answers:
        assert running.control(f"disputes/{made.id}", {"answer": answer}).is_success
    ended = client.v1.issuing.disputes.retrieve(made.id)
    assert (ended.status, [it.amount for it in ended.balance_transactions or []]) == (status, moved)
    after = client.v1.balance.retrieve().issuing.available[0].amount  # type: ignore[union-attr]
    assert after - before == sum(moved)
    running.eventually(lambda: len(running.receiver.types) == len(told) + 1)
    assert running.receiver.types == [f"issuing_dispute.{name}" for name in ("submitted", *told)]
    for answer in ("won", "lost", "credit"):
        assert running.control(f"disputes/{made.id}", {"answer": answer}).status_code == 400


def test_a_part_can_be_won(running: RunningStripe, client: stripe.StripeClient, capture: Any) -> None:
    made = disputed(client, capture())
    client.v1.issuing.disputes.submit(made.id)
    assert running.control(f"disputes/{made.id}", {"answer": "take_back"}).status_code == 400
    assert running.control(f"disputes/{made.id}", {"answer": "won", "amount": 1001}).status_code == 400
    won = running.control(f"disputes/{made.id}", {"answer": "won", "amount": 600}).json()
    assert [it["amount"] for it in won["balance_transactions"]] == [600]


def test_what_is_not_submitted_in_110_days_expires_and_no_longer_can_be(
    running: RunningStripe, client: stripe.StripeClient, capture: Callable[..., str]
) -> None:
    in_time, late, never = disputed(client, capture()), disputed(client, capture()), capture()
    client.v1.issuing.disputes.submit(in_time.id)
    running.subscribe("issuing_dispute.closed")
    running.advance(110 * DAY_SECONDS - 60)
    assert client.v1.issuing.disputes.retrieve(late.id).status == "unsubmitted"
    running.advance(120)
    running.eventually(lambda: running.receiver.types == ["issuing_dispute.closed"])
    assert client.v1.issuing.disputes.retrieve(late.id).status == "expired"
    assert client.v1.issuing.disputes.retrieve(in_time.id).status == "submitted"
    with pytest.raises(stripe.InvalidRequestError, match="110 days"):
        disputed(client, never)


def test_a_file_is_kept_as_it_is_and_a_retry_makes_no_second_one(
    running: RunningStripe, client: stripe.StripeClient
) -> None:
    made = upload(client, idempotency_key="once")
    again = upload(client, idempotency_key="once")
    assert (again.id, made.size, made.type, made.purpose) == (made.id, len(PNG), "png", "dispute_evidence")
    kept = running.world.objects.get("stripe.file_content", made.id)
    assert kept is not None
    assert base64.b64decode(kept["base64"]) == PNG
    with pytest.raises(stripe.IdempotencyError):
        upload(client, PNG + b"more", idempotency_key="once")


@pytest.mark.parametrize("content", [b"", b"hello", b"<svg/>", b"%PDF-" + bytes(5 * 1024 * 1024)])
def test_a_file_that_is_no_evidence_is_refused(client: stripe.StripeClient, content: bytes) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        upload(client, content)


def test_a_file_comes_in_a_form_of_parts(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.raw_request("post", "/v1/files", purpose="dispute_evidence", file="text")


def test_a_form_that_is_broken_is_a_form_without_a_file(running: RunningStripe) -> None:
    headers = {
        "Authorization": f"Bearer {running.world.settings.stripe_secret_key}",
        "Content-Type": "multipart/form-data",
    }
    answer = httpx.post(f"{running.base_url}/v1/files", content=b"--x\r\nnonsense", headers=headers)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "file")
