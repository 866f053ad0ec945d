"""Lists that are wrong on order: they leave records out, name some twice, copy some or change what they say.

What is kept stays right, and whoever retrieves a record by its id is told the truth: only lists lie.
"""

import random
from dataclasses import asdict, dataclass
from typing import Literal

from simulator.objects import JsonObject
from simulator.stripe.account import StripeAccount

KIND = "stripe.misreport"
LISTS = {
    "authorizations": "issuing.authorization",
    "transactions": "issuing.transaction",
    "payment_intents": "payment_intent",
    "refunds": "refund",
    "issuing_disputes": "issuing.dispute",
    "disputes": "dispute",
    "balance_transactions": "balance_transaction",
}
LISTS_OF_RECORDS = Literal[
    "authorizations", "transactions", "payment_intents", "refunds", "issuing_disputes", "disputes",
    "balance_transactions",
]  # fmt: skip
Action = Literal["drop", "duplicate", "copy", "alter"]
Member = Literal["amount", "card", "created", "currency", "type"]
_AMOUNTS = ("amount", "amount_received", "net")
_OTHER_CURRENCY = {"usd": "eur"}
_OTHER_TYPE = {"capture": "refund", "refund": "capture"}
_EARLIER_SECONDS = 3 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Misreport:
    """What a list does to one record: `copy_id` names its double, `member` is what is said wrongly of it."""

    id: str
    object_id: str
    action: Action
    member: Member | None = None
    copy_id: str | None = None


def misreport(
    account: StripeAccount, kind: str, action: Action, member: Member | None, *, count: int, seed: int,
    among: list[str] | None,
) -> list[Misreport]:  # fmt: skip
    """Let a list be wrong about `count` records, chosen by the seed among those it is right about so far."""
    wrong = {it["object_id"] for it in account.objects.scan(KIND)}
    right = [
        obj["id"] for obj in account.objects.scan(kind)
        if obj["id"] not in wrong and (among is None or obj["id"] in among)
    ]  # fmt: skip
    chosen = random.Random(seed).sample(right, min(count, len(right)))  # noqa: S311 - to be repeated, not secret
    made = [_made(account, object_id, action, member) for object_id in chosen]
    for each in made:
        account.objects.put(KIND, asdict(each))
    return made


def reported(account: StripeAccount, newest_first: list[JsonObject]) -> list[JsonObject]:
    """Return what a list says in place of what it found."""
    wrong = {it["object_id"]: Misreport(**it) for it in account.objects.scan(KIND)}
    if not wrong:
        return newest_first
    return [said for obj in newest_first for said in _said(account, obj, wrong.get(obj["id"]))]


def clear(account: StripeAccount) -> None:
    """Let every list be right again."""
    for kept in account.objects.list(KIND):
        account.objects.delete(KIND, kept["id"])


def _made(account: StripeAccount, object_id: str, action: Action, member: Member | None) -> Misreport:
    copy_id = account.objects.new_id(object_id.partition("_")[0]) if action == "copy" else None
    return Misreport(f"{KIND}:{object_id}", object_id, action, member, copy_id)


def _said(account: StripeAccount, obj: JsonObject, wrong: Misreport | None) -> list[JsonObject]:
    match wrong:
        case None:
            return [obj]
        case Misreport(action="drop"):
            return []
        case Misreport(action="duplicate"):
            return [obj, obj]
        case Misreport(action="copy"):
            return [obj | {"id": wrong.copy_id}, obj]
        case _:
            return [obj | _altered(account, obj, wrong.member)]


def _altered(account: StripeAccount, obj: JsonObject, member: Member | None) -> JsonObject:
    match member:
        case "card":
            others = (it["id"] for it in account.objects.scan("issuing.card") if it["id"] != obj["card"])
            return {"card": next(others, obj["card"])}
        case "created":
            return {"created": obj["created"] - _EARLIER_SECONDS}
        case "currency":
            return {"currency": _OTHER_CURRENCY.get(obj["currency"], "usd")}
        case "type":
            return {"type": _OTHER_TYPE[obj["type"]]}
        case _ if obj["object"] in ("dispute", "issuing.dispute"):
            return {"balance_transactions": [it | _other_amounts(it) for it in obj["balance_transactions"]]}
        case _:
            return _other_amounts(obj)


def _other_amounts(obj: JsonObject) -> JsonObject:
    # Away from zero, so that money never turns into no money.
    return {it: obj[it] + (1 if obj[it] > 0 else -1) * 7 for it in _AMOUNTS if obj.get(it)}
