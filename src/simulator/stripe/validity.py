"""How long the network lets a merchant wait before it captures."""

from simulator.objects import JsonObject

DAY_SECONDS = 86_400
USUAL_DAYS = 7
TRAVEL_DAYS = 30
FUEL_PRECHECK_DAYS = 1
FUEL_PRECHECK_MAX_AMOUNT = 100
_FUEL = {5541, 5542}
_TRAVEL = {7011, 4411, *range(3501, 3791), *range(3351, 3442)}


def validity_seconds(merchant: JsonObject, amount: int) -> int:
    """Return for how long an authorization of `amount` minor units holds at a merchant."""
    code = int(merchant["category_code"])
    if code in _TRAVEL:
        return TRAVEL_DAYS * DAY_SECONDS
    if code in _FUEL and amount <= FUEL_PRECHECK_MAX_AMOUNT:
        return FUEL_PRECHECK_DAYS * DAY_SECONDS
    return USUAL_DAYS * DAY_SECONDS
