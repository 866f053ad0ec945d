"""Disputes between our words and Stripe's, without a wire."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cardwright.adapters.stripe.disputes import evidence, snapshot
from cardwright.disputes import (
    FileKind,
    Filing,
    LossReason,
    Movement,
    NetworkStatus,
    ProductKind,
    Reason,
    ReturnOutcome,
    Statement,
)
from simulator.stripe.dispute_evidence import Evidence

EVERYTHING = Statement(
    explanation="Odd", product_description="A chair", product_kind=ProductKind.GOODS,
    expected_on=date(2026, 10, 1), received_on=date(2026, 10, 2), canceled_on=date(2026, 9, 20),
    cancellation_reason="Late", cancellation_policy_told=False, returned_on=date(2026, 10, 5),
    return_outcome=ReturnOutcome.REFUSED, return_description="By post", duplicate_of="pay_1",
)  # fmt: skip
FILES = {kind: f"file_{kind}" for kind in FileKind}


def filing(reason: Reason) -> Filing:
    return Filing("disp_1", "ipi_1", 10_00, reason, EVERYTHING, FILES, "ipi_0")


def shown(**changes: Any) -> dict[str, Any]:
    return {"id": "idp_1", "status": "submitted", "metadata": {}, "balance_transactions": None, **changes}


@pytest.mark.parametrize("reason", list(Reason))
def test_what_does_not_belong_to_a_reason_is_left_out_and_nothing_that_does(reason: Reason) -> None:
    told = evidence(filing(reason))
    name = told.pop("reason")
    [(group_name, group)] = told.items()
    assert group_name == name
    known = Evidence.model_fields[name].annotation
    [model] = [it for it in getattr(known, "__args__", ()) if it is not type(None)]
    assert set(group) == set(model.model_fields)
    assert None not in group.values()


def test_days_and_words_are_translated() -> None:
    told = evidence(filing(Reason.CANCELED))["canceled"]
    assert told["canceled_at"] == int(datetime(2026, 9, 20, tzinfo=UTC).timestamp())
    assert (told["product_type"], told["return_status"]) == ("merchandise", "merchant_rejected")
    assert told["cancellation_policy_provided"] is False


def test_a_dispute_is_read_with_its_money() -> None:
    moved = [{"id": "txn_1", "amount": 5, "type": "x"}, {"id": "txn_2", "amount": -5, "type": "y"}]
    found = snapshot(
        shown(
            status="lost",
            balance_transactions=moved,
            loss_reason="not_cancelled",
            metadata={"dispute_id": "d"},
        )
    )
    assert found.status is NetworkStatus.LOST
    assert found.movements == (Movement("txn_1", 5), Movement("txn_2", -5))
    assert (found.loss_reason, found.dispute_id) == (LossReason.NOT_CANCELED, "d")


def test_what_nobody_knows_is_neither_lost_nor_won() -> None:
    assert snapshot(shown(status="in_arbitration")).status is NetworkStatus.SUBMITTED
    assert snapshot(shown(loss_reason="a_new_one")).loss_reason is LossReason.OTHER
    assert snapshot(shown()).movements == ()
