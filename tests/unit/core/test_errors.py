"""An error that a caller is told has a kind, a code, a message and details."""

import pytest

from cardwright.core import errors
from cardwright.core.errors import CardwrightError

KINDS = {
    errors.Invalid: "invalid",
    errors.Malformed: "malformed",
    errors.Unauthenticated: "unauthenticated",
    errors.Forbidden: "forbidden",
    errors.NotFound: "not_found",
    errors.Conflict: "conflict",
    errors.TooMany: "too_many",
    errors.Gone: "gone",
    errors.Unavailable: "unavailable",
}


def test_every_error_has_a_kind_of_its_own() -> None:
    assert set(CardwrightError.__subclasses__()) == set(KINDS)
    assert {error.kind for error in KINDS} == set(KINDS.values())
    assert CardwrightError.kind == "internal"


@pytest.mark.parametrize("error", KINDS)
def test_an_error_carries_what_the_caller_is_told(error: type[CardwrightError]) -> None:
    raised = error("card_frozen", "The card is frozen.", card_id="card_1", code_of_details="kept apart")
    assert (raised.code, raised.message, str(raised)) == ("card_frozen",) + ("The card is frozen.",) * 2
    assert raised.details == {"card_id": "card_1", "code_of_details": "kept apart"}
    assert (raised.kind, isinstance(raised, CardwrightError)) == (KINDS[error], True)


def test_details_may_be_named_like_the_errors_own_parts() -> None:
    assert errors.Conflict("a", "b", code="c", message="d").details == {"code": "c", "message": "d"}
