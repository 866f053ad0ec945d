"""Budgets are kept per client and per address, and apart from each other."""

import pytest

from cardwright.authentication.limits import AuthLimits, Budget, Gate
from cardwright.core.errors import TooMany
from cardwright.http.rate_limits import RateLimiter

BUDGET = Budget(per_client="4/hour", per_address="2/hour")


async def admitted(gate: Gate, purpose: str, email: str) -> bool:
    try:
        await gate.admit(purpose, BUDGET, email)
    except TooMany:
        return False
    return True


async def test_an_address_has_one_budget_whoever_asks_and_however_it_is_spelled() -> None:
    limiter = RateLimiter(None)
    gates = [Gate(limiter, AuthLimits(), f"192.0.2.{number}") for number in range(3)]
    spellings = ["ada@example.com", "Ada@Example.com", "ADA@EXAMPLE.COM"]
    answers = [await admitted(gate, "sign_in", email) for gate, email in zip(gates, spellings, strict=True)]
    assert answers == [True, True, False]


async def test_a_client_has_one_budget_for_all_addresses() -> None:
    gate = Gate(RateLimiter(None), AuthLimits(), "192.0.2.1")
    answers = [await admitted(gate, "sign_in", f"person{number}@example.com") for number in range(5)]
    assert answers == [True, True, True, True, False]


async def test_purposes_do_not_use_up_each_others_budgets() -> None:
    gate = Gate(RateLimiter(None), AuthLimits(), "192.0.2.1")
    for purpose in ("register", "verify_email", "resend_code", "sign_in"):
        assert await admitted(gate, purpose, "ada@example.com")
        assert await admitted(gate, purpose, "ada@example.com")
        assert not await admitted(gate, purpose, "ada@example.com")


@pytest.mark.parametrize("name", ["register", "verify_email", "resend_code", "sign_in"])
async def test_the_defaults_are_limits_that_can_be_read(name: str) -> None:
    budget: Budget = getattr(AuthLimits(), name)
    gate = Gate(RateLimiter(None), AuthLimits(), "192.0.2.1")
    assert await gate.admit(name, budget, "Ada@example.com") == "ada@example.com"
