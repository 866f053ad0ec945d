"""Where a person stands, by their verifications, by what screening found, and by the hour."""

from datetime import UTC, datetime, timedelta

import pytest

from cardwright.core.errors import Conflict
from cardwright.kyc.domain import KycLevel, RejectionReason, Verification, VerificationState
from cardwright.kyc.screening.domain import Standing as Screened
from cardwright.kyc.standing import (
    NEXT_STEPS,
    Standing,
    ensure_may_request,
    level_of,
    reason_of,
    standing_of,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
State = VerificationState


def an_attempt(state: State, number: int = 1, reason: RejectionReason | None = None) -> Verification:
    return Verification(f"idv_{number}", "prog_1", "user_1", state, NOW, NOW, reason=reason)


def an_approval(ends_in: timedelta, number: int = 1) -> Verification:
    until = NOW + ends_in
    return Verification(
        f"idv_{number}", "prog_1", "user_1", State.APPROVED, NOW, NOW, good_until=until,
        renew_from=until - 30 * DAY,
    )  # fmt: skip


GOOD, DUE, OVER = an_approval(400 * DAY), an_approval(10 * DAY), an_approval(-DAY)
CASES = [
    ([], Screened.CLEAR, Standing.NOT_STARTED),
    ([an_attempt(State.REQUESTED)], Screened.CLEAR, Standing.COLLECTING),
    ([an_attempt(State.COLLECTING)], Screened.OPEN, Standing.COLLECTING),
    ([an_attempt(State.SUBMITTED)], Screened.CLEAR, Standing.SUBMITTED),
    ([an_attempt(State.IN_REVIEW)], Screened.CLEAR, Standing.IN_REVIEW),
    ([an_attempt(State.CANCELED)], Screened.CLEAR, Standing.NOT_STARTED),
    ([an_attempt(State.EXPIRED)], Screened.CLEAR, Standing.EXPIRED),
    ([an_attempt(State.REJECTED)], Screened.CLEAR, Standing.REJECTED),
    ([GOOD], Screened.CLEAR, Standing.APPROVED),
    ([GOOD], Screened.OPEN, Standing.IN_REVIEW),
    ([GOOD], Screened.UNSCREENED, Standing.IN_REVIEW),
    ([GOOD], Screened.CONFIRMED, Standing.REJECTED),
    ([], Screened.CONFIRMED, Standing.REJECTED),
    ([an_attempt(State.REJECTED, 2), GOOD], Screened.CLEAR, Standing.APPROVED),
    ([DUE], Screened.CLEAR, Standing.REVERIFICATION_DUE),
    ([an_attempt(State.SUBMITTED, 2), DUE], Screened.CLEAR, Standing.SUBMITTED),
    ([an_attempt(State.REJECTED, 2), DUE], Screened.CLEAR, Standing.REVERIFICATION_DUE),
    ([an_approval(700 * DAY, 2), DUE], Screened.CLEAR, Standing.APPROVED),
    ([OVER], Screened.CLEAR, Standing.EXPIRED),
    ([an_attempt(State.IN_REVIEW, 2), OVER], Screened.CLEAR, Standing.IN_REVIEW),
    ([an_attempt(State.REJECTED, 2), OVER], Screened.CLEAR, Standing.REJECTED),
]


@pytest.mark.parametrize(("known", "screened", "standing"), CASES)
def test_where_a_person_stands(known: list[Verification], screened: Screened, standing: Standing) -> None:
    assert standing_of(known, screened, at=NOW) is standing
    assert NEXT_STEPS[standing].endswith(".")


def test_every_standing_has_a_case() -> None:
    assert {standing for _, _, standing in CASES} == set(Standing)


def test_a_confirmed_hit_is_not_named() -> None:
    assert reason_of([GOOD], Screened.CONFIRMED, at=NOW) is RejectionReason.UNVERIFIED


REFUSED = [
    ([an_attempt(State.REQUESTED)], Screened.CLEAR, "verification_open"),
    ([an_attempt(State.IN_REVIEW)], Screened.CLEAR, "verification_open"),
    ([GOOD], Screened.CLEAR, "already_verified"),
    ([GOOD], Screened.OPEN, "already_verified"),
    (
        [an_attempt(State.REJECTED, 1, RejectionReason.UNDER_AGE)],
        Screened.CLEAR,
        "verification_not_retryable",
    ),
    ([], Screened.CONFIRMED, "verification_not_retryable"),
    ([an_attempt(State.COLLECTING, 2), DUE], Screened.CLEAR, "verification_open"),
]


@pytest.mark.parametrize(("known", "screened", "code"), REFUSED)
def test_another_verification_is_refused(known: list[Verification], screened: Screened, code: str) -> None:
    with pytest.raises(Conflict) as caught:
        ensure_may_request(known, screened, at=NOW)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "known",
    [
        [],
        [an_attempt(State.CANCELED)],
        [an_attempt(State.EXPIRED)],
        [an_attempt(State.REJECTED, 1, RejectionReason.DOCUMENT_EXPIRED)],
        [DUE],
        [OVER],
        [an_approval(DAY, 2), an_attempt(State.REJECTED, 1, RejectionReason.UNDER_AGE)],
    ],
)
def test_another_verification_may_begin(known: list[Verification]) -> None:
    ensure_may_request(known, Screened.CLEAR, at=NOW)


@pytest.mark.parametrize(
    ("until", "screened", "is_reachable", "level"),
    [
        (None, Screened.CLEAR, False, KycLevel.NONE),
        (None, Screened.CLEAR, True, KycLevel.BASIC),
        (None, Screened.UNSCREENED, True, KycLevel.BASIC),
        (NOW + DAY, Screened.CLEAR, False, KycLevel.FULL),
        (NOW, Screened.CLEAR, False, KycLevel.BASIC),
        (NOW + DAY, Screened.OPEN, True, KycLevel.BASIC),
        (NOW + DAY, Screened.UNSCREENED, True, KycLevel.BASIC),
        (NOW + DAY, Screened.CONFIRMED, True, KycLevel.NONE),
        (None, Screened.CONFIRMED, True, KycLevel.NONE),
    ],
)
def test_how_well_a_person_is_known(
    until: datetime | None, screened: Screened, is_reachable: bool, level: KycLevel
) -> None:
    assert level_of(until, screened, is_reachable=is_reachable, at=NOW) is level
