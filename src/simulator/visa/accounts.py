"""Virtual accounts: requisitions that add, replace and end them, and what may be asked about them."""

import secrets
from datetime import timedelta
from typing import Any, Final

from simulator.objects import JsonObject
from simulator.stripe.card_numbers import is_luhn_valid
from simulator.world import World

ACCOUNT: Final = "visa.account"
MESSAGE: Final = "visa.message"
TEST_RANGE: Final = "400012345"
_ONE_CENT_RULE: Final = {
    "ruleCode": "SPV",
    "overrides": [{"sequence": "0", "overrideCode": "spendLimitAmount", "overrideValue": "0.01"}],
}
_DESCRIPTIONS: Final = {
    "00": "success",
    "V001": "A required field is missing",
    "V002": "messageID is not unique",
    "V003": "Client is not valid",
    "V004": "Buyer is not valid",
    "V071": "Account is not valid",
}


class Refused(Exception):
    """An answer of the service that is no success: its code goes into the body."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def verdict(code: str) -> list[dict[str, str]]:
    """Return the in-body code with its description."""
    return [{"responseCode": code, "responseDescription": _DESCRIPTIONS[code]}]


def requisition(world: World, message: JsonObject) -> JsonObject:
    """Add, replace or end a virtual account."""
    _ensure_parties(world, message.get("clientID"), message.get("buyerID"))
    _ensure_new(world, message.get("messageID"))
    match message.get("action"):
        case "A":
            account = _add(world, message)
        case "U":
            account = _find(world, message) | _asked(message)
        case "D":
            account = _find(world, message)
            account |= {"status": "ended", "endDate": _today(world), "rules": [_ONE_CENT_RULE]}
        case _:
            raise Refused("V001")
    world.objects.put(ACCOUNT, account)
    world.objects.put(MESSAGE, {"id": message["messageID"], "account": account["id"]})
    return {"accountNumber": account["id"], "expirationDate": account["expirationDate"]}


def details(world: World, message: JsonObject) -> JsonObject:
    """Find a requisition by the account's number, or by an optional field it was made with."""
    _ensure_parties(world, message.get("clientID"), message.get("buyerID"))
    account = _find(world, message) if "accountNumber" in message else _by_optional_info(world, message)
    return {
        "accountNumber": account["id"],
        "expirationDate": account["expirationDate"],
        "status": account["status"],
        "OptionalInfo": account["optional"],
        "requisitionDetails": {
            name: account[name] for name in ("startDate", "endDate", "timeZone", "mcgRuleAction", "rules")
        },
    }


def security_code(world: World, message: JsonObject) -> JsonObject:
    """Tell the security code to whoever knows number and expiry."""
    _ensure_parties(world, message.get("clientId"), message.get("buyerId"))
    account = _find(world, message)
    if account["expirationDate"] != message.get("expirationDate"):
        raise Refused("V071")
    return {"statusCode": "00", "statusDesc": "success", "securityCode": account["code"]}


def account_status(world: World, message: JsonObject) -> JsonObject:
    """Say whether an account is active or ended."""
    _ensure_parties(world, message.get("clientId"), message.get("buyerId"))
    return {"statusCode": "00", "statusDesc": "success", "accountStatus": _find(world, message)["status"]}


def _add(world: World, message: JsonObject) -> JsonObject:
    if message.get("proxyPoolID") != world.settings.visa_proxy_pool_id:
        raise Refused("V001")
    asked = _asked(message)
    year, month, _ = asked["endDate"].split("-")
    return asked | {
        "id": _draw_number(world),
        "code": f"{secrets.randbelow(1000):03d}",
        "expirationDate": f"{month}/{year}",
        "status": "active",
        "optional": message.get("OptionalInfo", []),
    }


def _asked(message: JsonObject) -> JsonObject:
    try:
        asked: dict[str, Any] = message["requisitionDetails"]
        return {name: asked[name] for name in ("startDate", "endDate", "timeZone", "mcgRuleAction", "rules")}
    except (KeyError, TypeError):
        raise Refused("V001") from None


def _find(world: World, message: JsonObject) -> JsonObject:
    account = world.objects.get(ACCOUNT, str(message.get("accountNumber")))
    if account is None or (account["status"] == "ended" and message.get("action") == "U"):
        raise Refused("V071")
    return account


def _by_optional_info(world: World, message: JsonObject) -> JsonObject:
    wanted = message.get("OptionalInfo", [])
    if not wanted:
        raise Refused("V001")
    found = world.objects.list(ACCOUNT, where=lambda kept: all(pair in kept["optional"] for pair in wanted))
    if not found:
        raise Refused("V071")
    return found[0]


def _ensure_parties(world: World, client: object, buyer: object) -> None:
    if client != world.settings.visa_client_id:
        raise Refused("V003")
    if buyer != world.settings.visa_buyer_id:
        raise Refused("V004")


def _ensure_new(world: World, message_id: object) -> None:
    if not isinstance(message_id, str) or not 0 < len(message_id) <= 36:  # noqa: PLR2004 - Visa's limit
        raise Refused("V001")
    if world.objects.get(MESSAGE, message_id) is not None:
        raise Refused("V002")


def _today(world: World) -> str:
    return (world.clock.now() - timedelta(hours=8)).date().isoformat()


def _draw_number(world: World) -> str:
    while True:
        digits = f"{TEST_RANGE}{secrets.randbelow(10**6):06d}"
        number = next(f"{digits}{check}" for check in range(10) if is_luhn_valid(f"{digits}{check}"))
        if world.objects.get(ACCOUNT, number) is None:
            return number
