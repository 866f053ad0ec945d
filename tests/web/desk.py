"""A world with work for staff in it: somebody to look up, a case, a dispute, a review and a proposal."""

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from uuid import uuid4

from PIL import Image, ImageDraw

from cardwright.demo.stack import Addresses
from web.holder import PROFILE, Holder
from web.outside import Outside, eventually


@dataclass(frozen=True, slots=True)
class Desk:
    """The ids of what there is to do; `name` is a word that only one person's name has."""

    name: str
    customer_id: str
    suspect_id: str
    case_id: str
    dispute_id: str
    review_id: str
    payment_id: str
    card: str


def make_desk(stack: Addresses, outside: Outside, reviewer: Holder) -> Desk:
    """Make it, over the API."""
    tail = uuid4().hex[:8]
    word = "".join(chr(ord("a") + int(digit, 16)) for digit in tail).capitalize()
    customer = _person(stack, outside, f"mary-{tail}@people.example", f"Mary {word}")
    customer.add_money(900_00)
    card_id = customer.create_card("Weekend trips", colour="teal")
    kept = outside.pay(card_id, "green-basket", 42_80)
    outside.clear(kept["id"], 42_80)
    charged = outside.pay(card_id, "pine-books", 63_00)
    outside.clear(charged["id"], 63_00)
    outside.pay(card_id, "gadget-pier", 129_00)
    eventually("the charge", lambda: any(paid["posted"] == 63_00 for paid in _payments(customer)))
    disputed = next(paid for paid in _payments(customer) if paid["posted"] == 63_00)
    dispute = customer.call(
        "POST", f"/v1/payments/{disputed['id']}/disputes",
        {"reason": "fraud", "statement": {"explanation": "I was never in that shop."}},
    )  # fmt: skip
    odd = next(paid for paid in _payments(customer) if paid["amount"] == 129_00)
    customer.call("POST", f"/v1/payments/{odd['id']}/report-fraud")
    suspect = _person(stack, outside, f"sam-{tail}@people.example", "Samuel Morse")
    for kind in ("passport", "selfie"):
        picture = {"kind": kind, "content": b64encode(a_picture(kind)).decode()}
        suspect.call("POST", "/v1/me/identity-documents", picture)
    suspect_id = suspect.call("GET", "/v1/me")["id"]
    wanted = {"user_id": suspect_id, "reason": "The bank says that the passport was stolen."}
    review = reviewer.call("POST", "/v1/identity-reviews", wanted)
    customer_id = customer.call("GET", "/v1/me")["id"]
    return Desk(
        name=word,
        customer_id=customer_id,
        suspect_id=suspect_id,
        case_id=_case(customer_id, stack, outside),
        dispute_id=dispute["id"],
        review_id=review["id"],
        payment_id=disputed["id"],
        card=customer.call("GET", f"/v1/cards/{card_id}")["last4"],
    )


def a_picture(kind: str) -> bytes:
    """Draw something like a document."""
    picture = Image.new("RGB", (1240, 860), "#e9e4d4")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 60, 1180, 800), outline="#5b5148", width=6)
    draw.rectangle((120, 180, 460, 620), fill="#9aa7b5")
    draw.ellipse((215, 240, 365, 400), fill="#d8c3a8")
    for place, line in enumerate((kind.upper(), "MORSE", "SAMUEL", "09 DEC 1986", "BOSTON")):
        draw.text((540, 190 + place * 90), line, fill="#14201b", font_size=52)
    written = BytesIO()
    picture.save(written, "JPEG", quality=80)
    return written.getvalue()


def _person(stack: Addresses, outside: Outside, email: str, name: str) -> Holder:
    person = Holder(stack.api, outside, email)
    person.sign_up()
    person.prove_identity()
    person.call("PUT", "/v1/me/profile", {**PROFILE, "full_name": name, "phone": PROFILE["phone"]})
    return person


def _payments(holder: Holder) -> list[dict[str, object]]:
    found: list[dict[str, object]] = holder.call("GET", "/v1/payments")["data"]
    return found


def _case(customer_id: str, stack: Addresses, outside: Outside) -> str:
    analyst = Holder(stack.api, outside, "analyst@cardwright.example")
    analyst.sign_in(stack.staff_password)
    return str(analyst.call("GET", f"/v1/cases?user_id={customer_id}")["data"][0]["id"])
