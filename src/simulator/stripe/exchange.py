"""The currencies of this made-up world and its fixed rates, so that amounts can be foretold."""

_THOUSANDTHS_OF_A_DOLLAR = {"usd": 1000, "eur": 1100, "gbp": 1300, "cad": 700, "aud": 650, "chf": 1150}


def is_supported(currency: str) -> bool:
    """Say whether money of this lower-case ISO 4217 code exists here; all have two decimals."""
    return currency in _THOUSANDTHS_OF_A_DOLLAR


def convert(amount: int, source: str, target: str) -> int:
    """Convert minor units of one currency into another's, rounding down."""
    return amount * _THOUSANDTHS_OF_A_DOLLAR[source] // _THOUSANDTHS_OF_A_DOLLAR[target]
