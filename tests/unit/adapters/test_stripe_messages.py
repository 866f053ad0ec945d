"""Stripe's messages: only genuine ones are read, and each is translated into our words."""

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from cardwright.adapters.stripe.issuing import channel, merchant, snapshot, transaction
from cardwright.adapters.stripe.realtime import StripeAuthorizationWire
from cardwright.adapters.stripe.webhooks import StripeWebhook, verified_event
from cardwright.core.clock import MovableClock
from cardwright.core.errors import Malformed, Unauthenticated
from cardwright.core.sensitive import Sensitive
from cardwright.payments import Merchant, NetworkStatus, TransactionKind
from unit.adapters.stripe_objects import MERCHANT, SECRET, an_authorization, an_event, signed

REQUEST = "issuing_authorization.request"
WIRE = StripeAuthorizationWire(SECRET)
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def read(about: Any, type_: str = REQUEST) -> Any:
    body = an_event(type_, about)
    return WIRE.read(signed(body), body)


def test_a_question_is_translated() -> None:
    asked = read(an_authorization())
    assert (asked.source, asked.reference, asked.attempt, asked.card_reference) == (
        "stripe",
        "iauth_1",
        0,
        "ic_1",
    )
    assert (asked.amount, asked.currency, asked.merchant_amount, asked.merchant_currency) == (
        2_500, "USD", 2_300, "EUR",
    )  # fmt: skip
    assert asked.merchant == Merchant("1234567890", "Blue Door Books", "5942", "US", "Springfield")
    assert asked.channel == "ecommerce"


def test_a_later_request_of_an_authorization_is_another_attempt() -> None:
    assert read(an_authorization(request_history=[{"approved": True}])).attempt == 1


def test_a_message_that_asks_nothing_is_none() -> None:
    assert read(an_authorization(), "issuing_authorization.created") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None}, {"card": "ic_1"}, {"card": {}}, {"pending_request": None}, {"request_history": None},
        {"merchant_data": None}, {"merchant_data": {"name": "Nameless"}}, {"authorization_method": None},
        *({"pending_request": an_authorization()["pending_request"] | {"amount": amount}}
          for amount in ("2500", 25.5, True, None, -1)),
        {"pending_request": an_authorization()["pending_request"] | {"currency": 840}},
    ],
)  # fmt: skip
def test_a_question_that_lacks_something_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed) as refused:
        read(an_authorization(**changes))
    assert refused.value.code == "webhook_invalid"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"null", b"{", b'{"id":"evt_1","type":"x"}',
        b'{"id":1,"type":"x","data":{"object":{}}}', b'{"id":"evt_1","type":"x","data":{"object":[]}}',
        b'{"id":"evt_1","type":"x","data":NaN}',
    ],
)  # fmt: skip
def test_what_is_signed_and_no_event_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        verified_event(SECRET, signed(body), body)


def test_a_body_that_is_no_text_is_malformed() -> None:
    with pytest.raises(Malformed):
        verified_event(SECRET, signed(b"\xff"), b"\xff")


def headers_that_do_not_fit(body: bytes) -> list[dict[str, str]]:
    genuine = signed(body)["stripe-signature"]
    stamp, _, digest = genuine.partition(",v1=")
    return [
        {},
        signed(body, Sensitive("whsec_of_another_endpoint")),
        signed(body + b" "),
        signed(body, at=time.time() - 301),
        *(
            {"stripe-signature": header}
            for header in (
                "", "t=,v1=", "t=now,v1=" + digest, stamp, "v1=" + digest, f"t=1,v1={digest}",
                genuine.replace("v1", "v0"), f"{stamp},v1={digest[:-1]}", f"{stamp},v1={digest.upper()}",
                f"{stamp},v1=é", "t" * 10_000, "=,=,=",
            )
        ),
    ]  # fmt: skip


def test_a_message_that_is_not_genuine_is_refused() -> None:
    body = an_event(REQUEST, an_authorization())
    for headers in headers_that_do_not_fit(body):
        with pytest.raises(Unauthenticated) as refused:
            verified_event(SECRET, headers, body)
        assert refused.value.code == "signature_invalid"


def test_one_genuine_signature_among_others_is_enough_while_a_secret_is_replaced() -> None:
    body = an_event(REQUEST, an_authorization())
    headers = {"stripe-signature": signed(body)["stripe-signature"] + ",v1=" + "0" * 64}
    assert verified_event(SECRET, headers, body).id == "evt_1"


def test_the_inbox_keeps_nothing_personal() -> None:
    about = {"id": "vs_1", "last_name": "Sample", "id_number": "123-45-6789"}
    body = an_event("identity.verification_session.verified", about)
    source = StripeWebhook(SECRET, program_id="prog_1", clock=MovableClock(AT))
    kept = source.read(signed(body), body, "https://cardwright.test/webhooks/stripe")
    assert (kept.program_id, kept.source, kept.external_id, kept.type, kept.payload, kept.received_at) == (
        "prog_1", "stripe", "evt_1", "identity.verification_session.verified", {"object_id": "vs_1"}, AT,
    )  # fmt: skip


@pytest.mark.parametrize(("approved", "decision_id"), [(True, "dec_1"), (False, "dec_2"), (False, None)])
def test_an_answer_says_in_which_version_it_speaks(*, approved: bool, decision_id: str | None) -> None:
    answer = WIRE.answer(approved=approved, decision_id=decision_id)
    content = json.loads(answer.body)
    assert (answer.status, content["approved"]) == (200, approved)
    assert content.get("metadata") == ({"decision_id": decision_id} if decision_id else None)
    assert answer.headers["stripe-version"] == stripe.api_version
    assert answer.headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"authorization_method": "online"}, "ecommerce"),
        ({"authorization_method": "keyed_in"}, "ecommerce"),
        ({"authorization_method": "chip"}, "in_person"),
        ({"authorization_method": "contactless"}, "in_person"),
        ({"authorization_method": "swipe"}, "in_person"),
        ({"wallet": "apple_pay", "authorization_method": "online"}, "wallet"),
        ({"merchant_data": MERCHANT | {"category_code": "6011"}, "authorization_method": "chip"}, "atm"),
    ],
)
def test_how_a_card_was_presented(changes: dict[str, Any], expected: str) -> None:
    assert channel(an_authorization(**changes)) == expected


def test_what_a_merchant_leaves_out_is_empty() -> None:
    assert merchant({"network_id": "1"}) == Merchant("1", "", "0000", "", None)
    bare = dict.fromkeys(("name", "category_code", "country", "city"))
    assert merchant({"network_id": "1", **bare}) == Merchant("1", "", "0000", "", None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [*((status.value, status) for status in NetworkStatus), ("on_the_moon", NetworkStatus.PENDING)],
)
def test_a_status_nobody_knows_counts_as_pending(status: str, expected: NetworkStatus) -> None:
    assert snapshot(an_authorization(status=status)).status is expected


@pytest.mark.parametrize(
    ("type_", "amount", "kind"),
    [("capture", -2_500, TransactionKind.CLEARING), ("refund", 2_500, TransactionKind.REFUND)],
)
@pytest.mark.parametrize("authorization", [None, "iauth_1", {"id": "iauth_1"}])
def test_money_that_moved_is_a_positive_amount_of_its_kind(
    type_: str, amount: int, kind: TransactionKind, authorization: Any
) -> None:
    found = transaction(
        {
            "id": "ipi_1", "type": type_, "amount": amount, "currency": "usd", "merchant_amount": amount,
            "merchant_currency": "usd", "authorization": authorization, "card": "ic_1",
            "merchant_data": MERCHANT, "created": int(AT.timestamp()),
        }
    )  # fmt: skip
    assert (found.amount, found.merchant_amount, found.kind, found.at) == (2_500, 2_500, kind, AT)
    assert (found.card_reference, found.authorization_reference) == (
        "ic_1",
        "iauth_1" if authorization else None,
    )
