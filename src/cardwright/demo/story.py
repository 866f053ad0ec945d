"""The story: the product's main job from signing up to closed books, over real connections only."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.core.money import Money
from cardwright.demo.outside import Outside
from cardwright.demo.people import Person, StoryFailed, code_in, eventually
from cardwright.demo.phone import Phone
from cardwright.demo.recorder import Recorder
from cardwright.demo.templates import prepare_templates


@dataclass(slots=True)
class Scene:
    """What the steps hand on to each other."""

    api: httpx.AsyncClient
    outside: Outside
    recorder: Recorder
    engine: AsyncEngine
    ada: Person
    max: Person
    admin: Person
    analyst: Person
    finance: Person
    card_id: str = ""
    card: dict[str, Any] | None = None
    card_reference: str = ""

    def pay(self, merchant: str, amount: int) -> Awaitable[Any]:
        """Pay with Ada's card."""
        if self.card is None:
            raise StoryFailed("there is no card yet")
        return self.outside.pay(self.card, merchant, amount)


def dollars(amount: int) -> str:
    """Write an amount in the demo's currency."""
    return str(Money(amount, "USD"))


async def sign_up(scene: Scene) -> None:
    """Register, prove the address with the code from the e-mail, sign in."""
    say, ada = scene.recorder.say, scene.ada
    for person in (ada, scene.max):
        wanted = {"email": person.email, "password": person.password}
        registered = await person.post("/v1/auth/register", wanted)
        mail = await scene.outside.message("email", person.email, "code")
        proof = {"email": person.email, "code": code_in(mail["text"]), **registered}
        await person.post("/v1/auth/verify-email", proof)
        await person.sign_in()
    say(f"{ada.email} registered; the six-digit code arrived by e-mail and was accepted")
    unguarded = await ada.api.put("/v1/me/profile", json={}, headers=ada.cookie)
    if unguarded.json().get("code") != "cross_site_refused":
        raise StoryFailed("the cookie alone was enough for a change")
    me = await ada.get("/v1/me")
    say("signed in: a cookie that no script can read, and that no other site can make use of")
    await _sign_in_on_the_phone(scene)
    scene.recorder.note(user_id=me["id"])
    await _fill_in_profiles(scene)


async def _sign_in_on_the_phone(scene: Scene) -> None:
    phone = Phone(scene.ada.api)
    await phone.sign_in(scene.ada)
    spent = phone.refresh_token
    await phone.refresh()
    seen = await phone.get("/v1/me")
    if not seen.is_success or phone.refresh_token == spent:
        raise StoryFailed("the phone's tokens did not work or did not rotate")
    lives_seconds = phone.claims["exp"] - phone.claims["iat"]
    scene.recorder.say(
        f"on the phone: an access token (JWT, {lives_seconds // 60} minutes, bound to the phone's key) and a"
        " refresh token, which was replaced when it was used"
    )


async def _fill_in_profiles(scene: Scene) -> None:
    address = {"line1": "1 Analytical Way", "city": "Boston", "postal_code": "02108", "country": "US"}
    common = {"date_of_birth": "1990-12-10", "locale": "en-US", "time_zone": "America/New_York"}
    for person, name, phone in (
        (scene.ada, "Ada Byron", phone_of(scene.ada)), (scene.max, "Max Power", phone_of(scene.max)),
    ):  # fmt: skip
        profile = {"full_name": name, "phone": phone, "address": address, **common}
        await person.put("/v1/me/profile", profile)
    device = {"platform": "android", "push_token": device_of(scene.ada)}
    await scene.ada.post("/v1/devices", device)
    await _prove_phone(scene)
    scene.recorder.say("profile filled in; a code by text message proved the phone; push registered")


async def _prove_phone(scene: Scene) -> None:
    phone = phone_of(scene.ada)
    asked = await scene.ada.post("/v1/me/phone-verifications", {"phone": phone})
    sms = await scene.outside.message("sms", phone, "is your code")
    path = f"/v1/me/phone-verifications/{asked['phone_verification_id']}/confirm"
    await scene.ada.post(path, {"code": code_in(sms["text"])})


def phone_of(person: Person) -> str:
    """Return the number of somebody's phone."""
    return f"+1617555{sum(person.email.encode()) % 10_000:04d}"


def device_of(person: Person) -> str:
    """Return the push token of somebody's phone."""
    return f"device-of-{person.email.partition('@')[0].replace('+', '-')}"


async def verify_identity(scene: Scene) -> None:
    """Two people show documents to Stripe Identity: one is verified, one is rejected with a reason."""
    say = scene.recorder.say
    refused = await scene.ada.call("POST", "/v1/cards", {"label": "Too early"})
    if refused.json().get("code") != "kyc_required":
        raise StoryFailed("an unverified person could ask for a card")
    say("a card before verification is refused: kyc_required")
    approved = await _verified(scene, scene.ada, "verified")
    say(f"Ada Byron: {approved['status']} by Stripe Identity, webhook signature checked")
    rejected = await _verified(scene, scene.max, "selfie_face_mismatch")
    say(f"Max Power: {rejected['status']}: {rejected['reason']} ({rejected['reason_code']})", mark="✗")
    if (approved["status"], rejected["status"]) != ("approved", "rejected"):
        raise StoryFailed("the verifications did not end as they should")
    scene.recorder.note(
        verification_id=approved["id"],
        rejected_verification_id=rejected["id"],
        reason=rejected["reason_code"],
    )


async def _verified(scene: Scene, person: Person, outcome: str) -> Any:
    asked = await person.post("/v1/identity-verifications")
    path = f"/v1/identity-verifications/{asked['id']}"

    async def page() -> Any:
        found = await person.get(path)
        return found["url"] and found

    session = (await eventually("the identity provider's page", page))["url"].rstrip("/").rsplit("/", 1)[-1]
    await scene.outside.submit_documents(session, outcome)

    async def end() -> Any:
        found = await person.get(path)
        return found if found["status"] in ("approved", "rejected") else None

    return await eventually("the result of the verification", end)


async def top_up(scene: Scene) -> None:
    """Add money through Stripe PaymentIntents; the webhook comes twice, the money once."""
    amount = 200_00
    await scene.outside.fault("duplicate", "payment_intent.succeeded")
    body = {"amount": amount, "currency": "USD", "payment_method_token": "pm_card_visa"}
    key = f"story-top-up-{scene.ada.email}"
    asked = await scene.ada.post("/v1/top-ups", body, key=key)
    again = await scene.ada.post("/v1/top-ups", body, key=key)
    if again["id"] != asked["id"]:
        raise StoryFailed("the same idempotency key made two top-ups")

    async def credited() -> Any:
        wallet = await scene.ada.get("/v1/wallet")
        return wallet if wallet["posted_balance"] else None

    wallet = await eventually("the money in the wallet", credited)
    scene.recorder.say(f"asked twice with one idempotency key: one top-up of {dollars(amount)}")
    scene.recorder.say(
        f"Stripe's webhook was delivered twice; the ledger credited {dollars(wallet['posted_balance'])} once"
    )
    if wallet["posted_balance"] != amount:
        raise StoryFailed("the top-up was not credited exactly once")
    scene.recorder.note(top_up_id=asked["id"], wallet=wallet)


async def create_card(scene: Scene) -> None:
    """Create a virtual card with a monthly limit at Stripe Issuing."""
    asked = await scene.ada.post(
        "/v1/cards", {"label": "Everyday", "limits": [{"window": "month", "amount": 150_00}]}
    )
    path = f"/v1/cards/{asked['id']}"

    async def issued() -> Any:
        found = await scene.ada.get(path)
        return found if found["state"] == "active" else None

    card = await eventually("the issued card", issued)
    scene.card_id = card["id"]
    scene.card = await scene.outside.number_of(card["id"])
    scene.recorder.say(
        f"Stripe Issuing made the card •••• {card['last4']} with a monthly limit of {dollars(150_00)}"
    )
    scene.recorder.say("we keep the last four digits; the full number stays at the issuer")
    scene.recorder.note(card_id=card["id"], last4=card["last4"])


_RULES: Final = (
    {
        "name": "gambling_above_20",
        "when": 'merchant.mcc == "7995" && amount > 2000',
        "action": "decline",
        "reason": "Gambling above 20.00 is not allowed on this program.",
    },
    {
        "name": "like_a_fraud",
        "when": "has(risk.score) && risk.score >= 800",
        "action": "flag",
        "reason": "The risk model finds it much like a fraud.",
    },
)


async def publish_rule(scene: Scene) -> None:
    """An analyst proposes a fraud rule, an administrator approves it; nobody does both."""
    say = scene.recorder.say
    await scene.analyst.sign_in()
    typo = await scene.analyst.post("/v1/rules/check", {"when": 'merchant.mmc == "7995"'})
    say(f"a typo is caught before it decides anything: {typo['diagnostics'][0]['message']}")
    book = await scene.analyst.get("/v1/rules")
    update = with_rules(book, *_RULES)
    if update is not None:
        proposed = await scene.analyst.put("/v1/rules", update)
        book = await _approved_by_another(scene, proposed)
    decides = "; ".join(f"{rule['when']}  →  {rule['action']}" for rule in _RULES)
    say(f"rulebook version {book['version']} decides: {decides}")
    scene.recorder.note(rulebook_version=book["version"], rulebook_hash=book["hash"])
    names = await prepare_templates(scene.analyst)
    say(f"the analyst prepared templates for holders to pick, too: {', '.join(names)}")


def with_rules(book: Mapping[str, Any], *rules: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the active rules with some more as a publication; None where all are live among them.

    Whoever tried the product meanwhile keeps their rules. One that has the name but is another gets company.
    """
    kept = list(book["rules"])
    for rule in rules:
        wanted = {**rule, "stage": "live"}
        if any(wanted.items() <= found.items() for found in kept):
            continue
        taken = {found["name"] for found in kept}
        names = (wanted["name"], *(f"{wanted['name']}_{number}" for number in range(2, len(taken) + 3)))
        kept.append({**wanted, "name": next(name for name in names if name not in taken)})
    if len(kept) == len(book["rules"]):
        return None
    return {
        "expected_version": book["version"], "rules": kept, "scoring": book["scoring"],
        "note": "The demo's rules",
    }  # fmt: skip


async def _approved_by_another(scene: Scene, proposed: Any) -> Any:
    path = f"/v1/approvals/{proposed['id']}/approve"
    refused = await scene.analyst.call("POST", path, {})
    if refused.json().get("code") != "four_eyes":
        raise StoryFailed("an analyst could approve a rule of their own")
    scene.recorder.say("the analyst proposed it, and approving it themselves is refused: four_eyes")
    await scene.admin.sign_in()
    await scene.admin.post(path, {"note": "As discussed"})
    scene.recorder.say("an administrator approved it, and from then on it decides")
    scene.recorder.note(approval_id=proposed["id"])
    return await scene.analyst.get("/v1/rules")


Step = Callable[[Scene], Awaitable[None]]
PREPARATION: Final[tuple[tuple[str, Step], ...]] = (
    ("Sign up, prove the e-mail address, sign in", sign_up),
    ("Prove who you are (Stripe Identity)", verify_identity),
    ("Add money (Stripe PaymentIntents)", top_up),
    ("Create a virtual card (Stripe Issuing)", create_card),
    ("An analyst proposes a rule, an administrator approves it", publish_rule),
)
