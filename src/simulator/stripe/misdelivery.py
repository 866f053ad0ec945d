"""Events that are lost, sent twice or garbled on their way, as often as ordered and the same for one seed."""

import json
import random
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Literal

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount

KIND = "stripe.misdelivery"
LOG_KIND = "stripe.misdelivered"
_ID = "rule"
Fate = Literal["sent", "drop", "duplicate", "alter"]
PERCENT = 100


@dataclass(frozen=True, slots=True)
class Misdelivery:
    """How many of a hundred events of the selected types meet which fate; `told` counts all of them."""

    seed: int
    drop: int = 0
    duplicate: int = 0
    alter: int = 0
    selector: str = "*"
    told: int = 0


def order(account: StripeAccount, rule: Misdelivery) -> None:
    """Let events go wrong from now on; the log begins anew."""
    lift(account)
    account.objects.put(KIND, asdict(rule) | {"id": _ID})


def lift(account: StripeAccount) -> None:
    """Deliver everything once and whole from now on."""
    account.objects.delete(KIND, _ID)
    for kept in account.objects.list(LOG_KIND):
        account.objects.delete(LOG_KIND, kept["id"])


def log(account: StripeAccount) -> list[JsonObject]:
    """Return which events met which fate, oldest first."""
    return list(reversed(account.objects.list(LOG_KIND)))


def bodies(account: StripeAccount, event: JsonObject) -> list[JsonObject]:
    """Return what is sent of an event: nothing, the event, the event twice, or one with other amounts."""
    match _fate(account, event):
        case "drop":
            return []
        case "duplicate":
            return [event, event]
        case "alter":
            return [_garbled(event)]
        case _:
            return [event]


def _fate(account: StripeAccount, event: JsonObject) -> Fate:
    kept = account.objects.get(KIND, _ID)
    if kept is None or not fnmatchcase(event["type"], kept["selector"]):
        return "sent"
    rule = Misdelivery(**{name: value for name, value in kept.items() if name != "id"})
    account.objects.put(KIND, kept | {"told": rule.told + 1})
    # One draw per event: what happens to the tenth does not hang on what the ninth was about.
    drawn = random.Random(f"{rule.seed}:{rule.told}").randrange(PERCENT)  # noqa: S311 - to be repeated
    fate = _drawn(rule, drawn)
    if fate != "sent":
        entry = {"type": event["type"], "object": event["data"]["object"]["id"], "fate": fate}
        account.objects.put(LOG_KIND, entry | {"id": event["id"]})
    return fate


def _drawn(rule: Misdelivery, drawn: int) -> Fate:
    if drawn < rule.drop:
        return "drop"
    if drawn < rule.drop + rule.duplicate:
        return "duplicate"
    return "alter" if drawn < rule.drop + rule.duplicate + rule.alter else "sent"


def _garbled(event: JsonObject) -> JsonObject:
    garbled: JsonObject = json.loads(json.dumps(event))
    about = garbled["data"]["object"]
    for name in ("amount", "amount_received"):
        if isinstance(about.get(name), int):
            about[name] += 1_00
    return garbled
