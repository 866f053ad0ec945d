"""Every code that an event can bring has a sentence, so that nobody is told a code."""

from enum import StrEnum

import pytest

from cardwright.cards.domain.states import CancellationReason
from cardwright.cases.replying import Outcome
from cardwright.disputes.domain import LossReason
from cardwright.funding.domain.auto import OffReason
from cardwright.funding.domain.top_ups import TopUpReason
from cardwright.funding.domain.withdrawals import RefundReason
from cardwright.kyc.domain import RejectionReason
from cardwright.notifications.reasons import CLOSINGS, PROPOSALS, REASONS, REPLIES
from cardwright.webhooks.domain.endpoints import DisabledBecause
from cardwright.wiring import APPROVAL_KINDS


@pytest.mark.parametrize("reasons", [TopUpReason, RefundReason, OffReason, RejectionReason, LossReason])
def test_every_reason_is_told_in_words(reasons: type[StrEnum]) -> None:
    assert {reason.value for reason in reasons} <= REASONS.keys()


def test_every_reply_closing_and_proposal_is_told_in_words() -> None:
    assert {outcome.value for outcome in Outcome} == REPLIES.keys()
    # Whoever disables an endpoint is not told of it.
    endings = {*CancellationReason, *DisabledBecause} - {DisabledBecause.BY_OWNER}
    closings = {reason.value for reason in endings}
    assert closings == CLOSINGS.keys()
    assert {kind.name for kind in APPROVAL_KINDS} == PROPOSALS.keys()
