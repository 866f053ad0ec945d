"""The texts of a cardholder, and of the world outside: names of merchants, of browsers."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pyotp

from software_authenticator import SoftwareAuthenticator
from web.holder import PROFILE, Holder
from web.outside import eventually
from web.scripts.corpus import LONGEST_LABEL, SCRIPTS
from web.scripts.planting import Planting

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
RECEIPT = b64encode(PDF).decode()
MERCHANTS = 8
STATEMENT = ("explanation", "product_description", "cancellation_reason", "return_description")


@dataclass(frozen=True, slots=True)
class Planted:
    """A cardholder whose every text is a script, and what staff can take up."""

    holder: Holder
    user_id: str
    card_ids: tuple[str, ...]
    payment_ids: tuple[str, ...]
    """Charged, at merchants whose names are scripts."""
    dispute_ids: tuple[str, ...]


def plant_as_holder(planting: Planting) -> Planted:
    """Sign somebody up and write scripts wherever cardholders may write."""
    holder = Holder(planting.stack.api, planting.outside, f"eve-{uuid4().hex[:8]}@people.example")
    # What a browser calls itself is shown among the sessions, and in the trail.
    holder.agent = '"><img src=x onerror=trap()> <script>trap()</script> Chrome/156.0'
    holder.sign_up()
    secret = holder.call("POST", "/v1/me/totp")["secret"]
    holder.call("POST", "/v1/me/totp/confirm", {"code": pyotp.TOTP(secret).now()})
    holder.prove_identity()
    holder.add_money(900_00)
    user_id = holder.call("GET", "/v1/me")["id"]
    card_ids = _cards(planting, holder)
    _ways_to_pay(planting, holder)
    payment_ids = _payments(planting, holder, card_ids[0])
    dispute_ids = tuple(_dispute(planting, holder, payment_id) for payment_id in payment_ids[:2])
    _about_oneself(planting, holder)
    _endpoints(planting, holder)
    planting.pages_of_holder += [f"/cards/{card_id}" for card_id in card_ids]
    planting.pages_of_holder += [f"/payments/{payment_id}" for payment_id in payment_ids]
    planting.pages_of_holder += [f"/payments/{payment_ids[2]}/dispute"]
    planting.pages_of_holder += [f"/disputes/{dispute_id}" for dispute_id in dispute_ids]
    return Planted(holder, user_id, card_ids, payment_ids, dispute_ids)


def _cards(planting: Planting, holder: Holder) -> tuple[str, ...]:
    # One card for each script that a line may hold; a label in a list does not begin like a formula.
    labels = [script for script in SCRIPTS if script.isprintable() and not script.startswith("=")]
    rows = "\n".join('"' + label.replace('"', '""') + '",standard' for label in labels)
    batch = planting.send(holder, "POST", "/v1/card-batches", {"csv": f"label,type\n{rows}\n"})
    made = planting.send(holder, "POST", "/v1/cards", {"label": planting.line(LONGEST_LABEL)})
    path = f"/v1/cards/{made['id']}"
    planting.send(holder, "PATCH", path, {"label": planting.line(LONGEST_LABEL)})
    eventually("the card", lambda: holder.call("GET", path)["state"] == "active")
    listed = f"/v1/card-batches/{batch['id']}"
    eventually("the list", lambda: holder.call("GET", listed)["is_done"])
    assert holder.call("GET", listed)["made"] == len(labels)
    other = holder.call("GET", "/v1/cards?limit=1")["data"][0]["id"]
    return made["id"], other


def _ways_to_pay(planting: Planting, holder: Holder) -> None:
    kept = planting.send(
        holder, "POST", "/v1/payment-methods",
        {"payment_method_token": "pm_card_visa", "label": planting.line(LONGEST_LABEL)},
    )  # fmt: skip
    path = f"/v1/payment-methods/{kept['id']}"
    eventually("the way to pay", lambda: holder.call("GET", path)["status"] == "active")
    planting.send(holder, "PATCH", path, {"label": planting.line(LONGEST_LABEL)})


def _payments(planting: Planting, holder: Holder, card_id: str) -> tuple[str, ...]:
    for number in range(MERCHANTS):
        merchant = {"name": planting.line(100), "city": planting.line(60), "url": "javascript:trap()"}
        planting.outside.charge_as(card_id, merchant, 10_00 + number)
    found: list[Any] = []

    def all_charged() -> bool:
        found[:] = holder.call("GET", "/v1/payments")["data"]
        return len([payment for payment in found if payment["posted"] > 0]) == MERCHANTS

    eventually("the charges", all_charged)
    for payment in found:
        path = f"/v1/payments/{payment['id']}"
        tags = [planting.line(30) for _ in range(3)]
        planting.send(holder, "PUT", f"{path}/annotation", {"note": planting.words(500), "tags": tags})
        receipt = {"file_name": planting.line(100), "content": RECEIPT}
        planting.send(holder, "POST", f"{path}/receipts", receipt)
    return tuple(payment["id"] for payment in found)


def _dispute(planting: Planting, holder: Holder, payment_id: str) -> str:
    told = {name: planting.words(1500) for name in STATEMENT}
    opened = planting.send(
        holder, "POST", f"/v1/payments/{payment_id}/disputes", {"reason": "canceled", "statement": told}
    )
    told = {name: planting.words(1500) for name in STATEMENT}
    path = f"/v1/disputes/{opened['id']}"
    planting.send(holder, "PATCH", path, {"statement": told})
    holder.call("PUT", f"{path}/files/documentation", {"content": RECEIPT})
    return str(opened["id"])


def _about_oneself(planting: Planting, holder: Holder) -> None:
    authenticator = SoftwareAuthenticator(origin=planting.stack.api)
    ceremony = holder.call("POST", "/v1/me/passkeys/options")
    credential = authenticator.make(ceremony["public_key"])
    for extra in ("authenticatorAttachment", "clientExtensionResults"):
        credential.pop(extra, None)
    wanted = {"ceremony_id": ceremony["ceremony_id"], "name": planting.line(60), "credential": credential}
    made = planting.send(holder, "POST", "/v1/me/passkeys", wanted)["passkey"]
    planting.send(holder, "PATCH", f"/v1/me/passkeys/{made['id']}", {"name": planting.line(60)})
    address = {"line1": planting.line(100), "city": planting.line(100), "postal_code": planting.line(60)}
    profile = {**PROFILE, "full_name": planting.line(100), "address": {**address, "country": "US"}}
    planting.send(holder, "PUT", "/v1/me/profile", profile)


def _endpoints(planting: Planting, holder: Holder) -> None:
    nowhere = f"{planting.stack.simulator}/_sim/receivers/nowhere?"
    wanted = {
        "url": nowhere + planting.line(100), "event_types": ["payments.*"], "description": planting.line(200),
    }  # fmt: skip
    made = planting.send(holder, "POST", "/v1/webhook-endpoints", wanted)
    changed = {"url": nowhere + planting.line(100), "description": planting.line(200)}
    planting.send(holder, "PATCH", f"/v1/webhook-endpoints/{made['id']}", changed)
