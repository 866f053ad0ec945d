"""Other customers, what is odd about some of their payments, and people whose identity is in doubt."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from web.desk import a_picture
from web.holder import PROFILE, Holder
from web.outside import Outside, eventually

PEOPLE: Final = (
    ("mary.somerville", "Mary Somerville", "Weekend trips", 400_00),
    ("luis.alvarez", "Luis Alvarez", "Groceries", 525_00),
    ("chen.jingwei", "Chen Jingwei", "Studio", 650_00),
    ("fatima.fihri", "Fatima al-Fihri", "Family", 775_00),
)
SUSPECTS: Final = (
    ("samuel.morse", "Samuel Morse", "The bank says that the passport was stolen."),
    ("amelia.earhart", "Amelia Earhart", "Three accounts were opened from one address today."),
)
LISTED: Final = {"full_name": "Nestor Nevidimkin", "date_of_birth": "1961-04-12"}
BASKETS: Final = (
    ("corner-cafe", 6_40), ("green-basket", 42_80), ("pine-books", 63_00), ("last-mile-fuel", 38_15),
    ("gadget-pier", 129_00), ("lucky-seven", 75_00), ("cash-point", 60_00),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crowd:
    """The ids of what came of them: a customer, a case, disputes, reviews."""

    customer_id: str
    dispute_id: str
    review_id: str
    case_id: str


def person(api: str, outside: Outside, name: str, full_name: str) -> Holder:
    """Sign somebody up who is verified under a name of their own."""
    somebody = Holder(api, outside, f"{name}@people.example")
    somebody.sign_up()
    somebody.prove_identity()
    somebody.call("PUT", "/v1/me/profile", {**PROFILE, "full_name": full_name})
    return somebody


def settle(api: str, outside: Outside, analyst: Holder, reviewer: Holder) -> Crowd:
    """Let customers pay, report, dispute; let staff doubt some."""
    mary, *others = [
        _shopper(api, outside, name, full_name, label, money) for name, full_name, label, money in PEOPLE
    ]
    for customer in others[:2]:
        odd = _paid(customer, 129_00)
        customer.call("POST", f"/v1/payments/{odd}/report-fraud")
    told = {"explanation": "I was never in that shop."}
    dispute = mary.call(
        "POST", f"/v1/payments/{_paid(mary, 63_00)}/disputes", {"reason": "fraud", "statement": told}
    )
    review_id = _doubt(api, outside, reviewer)
    mary_id = mary.call("GET", "/v1/me")["id"]
    cases = eventually("cases", lambda: analyst.call("GET", "/v1/cases?state=open")["data"])
    return Crowd(mary_id, dispute["id"], review_id, cases[0]["id"])


def _shopper(api: str, outside: Outside, name: str, full_name: str, label: str, money: int) -> Holder:
    customer = person(api, outside, name, full_name)
    customer.add_money(money)
    card = customer.create_card(label, colour="teal")
    for merchant, amount in BASKETS:
        authorization = outside.pay(card, merchant, amount)
        if authorization["approved"] and merchant != "corner-cafe":
            outside.clear(authorization["id"], amount)
    return customer


def _paid(customer: Holder, amount: int) -> str:
    def look() -> str | None:
        listed = customer.call("GET", "/v1/payments")["data"]
        return next((paid["id"] for paid in listed if paid["posted"] == amount), None)

    return eventually(f"a charge of {amount}", look)


def _doubt(api: str, outside: Outside, reviewer: Holder) -> str:
    reviews = []
    for name, full_name, reason in SUSPECTS:
        suspect = person(api, outside, name, full_name)
        for kind in ("passport", "selfie"):
            picture = {"kind": kind, "content": b64encode(a_picture(kind)).decode()}
            suspect.call("POST", "/v1/me/identity-documents", picture)
        wanted = {"user_id": suspect.call("GET", "/v1/me")["id"], "reason": reason}
        reviews.append(reviewer.call("POST", "/v1/identity-reviews", wanted)["id"])
    listed = Holder(api, outside, "nestor@people.example")
    listed.sign_up()
    listed.call("PUT", "/v1/me/profile", {**PROFILE, **LISTED})
    reviewer.call("POST", f"/v1/identity-reviews/{reviews[0]}/claim")
    note = {"words": "The number is on the list of the border police; the selfie looks like the photo."}
    reviewer.call("POST", f"/v1/identity-reviews/{reviews[0]}/notes", note)
    return str(reviews[0])
