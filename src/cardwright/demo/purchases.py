"""The story's purchases: each a way in which a card network can treat a payment, and what we make of it."""

from dataclasses import asdict, replace
from typing import Any, Final

from cardwright import payments
from cardwright.db.session import transaction
from cardwright.demo.people import StoryFailed, eventually
from cardwright.demo.story import Scene, Step, dollars


async def clear_in_parts(scene: Scene) -> None:
    """Authorize, clear a part, clear another, give the rest back."""
    authorization = await scene.pay("green-basket", 60_00)
    payment = await _settled_on(scene, authorization, held=60_00)
    scene.recorder.say(f"GREEN BASKET MARKET asks for {dollars(60_00)}: approved and held in real time")
    scene.recorder.decision(payment["elements"][0]["decision"])
    await scene.outside.clear(authorization["id"], 20_00, is_last=False)
    await _settled_on(scene, authorization, held=40_00, posted=20_00)
    scene.recorder.say(f"first clearing of {dollars(20_00)}: {dollars(40_00)} stay held")
    second = await scene.outside.clear(authorization["id"], 25_00, is_last=False)
    await _settled_on(scene, authorization, held=15_00, posted=45_00)
    scene.recorder.say(f"second clearing of {dollars(25_00)}")
    await scene.outside.reverse(authorization["id"])
    await _settled_on(scene, authorization, held=0, posted=45_00)
    scene.recorder.say(f"the merchant reverses the remaining {dollars(15_00)}: available again at once")
    await scene.outside.refund(second, 10_00)
    done = await _settled_on(scene, authorization, held=0, posted=35_00)
    scene.recorder.say(f"a refund of {dollars(10_00)} reaches the wallet")
    _keep(scene, done)


async def expire_and_clear_late(scene: Scene) -> None:
    """A hold that nobody clears expires; the clearing that comes after all still posts."""
    authorization = await scene.pay("corner-cafe", 12_00)
    await _settled_on(scene, authorization, held=12_00)
    await scene.outside.move_clock(days=8)
    await _settled_on(scene, authorization, held=0, status="expired")
    scene.recorder.say(f"eight days pass out there: the hold of {dollars(12_00)} expires and is released")
    await scene.outside.clear(authorization["id"], 12_00, is_last=True)
    done = await _settled_on(scene, authorization, held=0, posted=12_00, status="settled")
    scene.recorder.say("the merchant clears late: expired is not reversed, so it posts")
    _keep(scene, done)


async def force_post(scene: Scene) -> None:
    """A merchant clears without ever having asked; a clearing is never declined."""
    merchant = {"category": "taxicabs_limousines", "name": "NIGHT OWL TAXI", "network_id": "100000000000999"}
    cards = await scene.outside.stripe.v1.issuing.cards.list_async({"limit": 100})
    async for card in cards.auto_paging_iter():
        if card.metadata.to_dict().get("card_id") == scene.card_id:
            scene.card_reference = card.id
    reference = await scene.outside.force_post(scene.card_reference, merchant, 8_00)

    async def posted() -> Any:
        listed = (await scene.ada.get("/v1/payments"))["data"]
        told = [found for found in listed if found["merchant"]["descriptor"] == "NIGHT OWL TAXI"]
        return told[0] if told else None

    payment = await eventually("the force post", posted)
    scene.recorder.say(f"NIGHT OWL TAXI posts {dollars(payment['posted'])} with no authorization at all")
    scene.recorder.note(transaction=reference)
    _keep(scene, await scene.ada.get(f"/v1/payments/{payment['id']}"))


async def decline_by_limit(scene: Scene) -> None:
    """More than the monthly limit has left."""
    authorization = await scene.pay("cloud-forge", 120_00)
    payment = await _declined(scene, authorization, "limit_exceeded")
    scene.recorder.say(f"CLOUDFORGE HOSTING asks for {dollars(120_00)}: declined", mark="✗", style="red")
    scene.recorder.decision(payment["elements"][0]["decision"])
    limits = await scene.ada.get(f"/v1/cards/{scene.card_id}/limits")
    month = limits[0]
    scene.recorder.say(
        f"the app shows the limit: {dollars(month['used'])} of {dollars(month['limit'])} used by "
        f"{len(month['payment_ids'])} payments, {dollars(month['remaining'])} left until {month['resets_at']}"
    )
    scene.recorder.note(limit=month)
    _keep(scene, payment)


async def decline_by_rule(scene: Scene) -> None:
    """The analyst's rule: the holder reads the reason, the analyst the condition and the numbers."""
    authorization = await scene.pay(GAMBLING, 25_00)
    payment = await _declined(scene, authorization, "rule_declined")
    told = next(check for check in payment["elements"][0]["decision"]["checks"] if not check["passed"])
    scene.recorder.say(f"a casino asks for {dollars(25_00)}: declined", mark="✗", style="red")
    scene.recorder.say(f"Ada reads: {told['explanation']}")
    if told["detail"] or told["would_pass"]:
        raise StoryFailed("a holder was shown the fraud rule")
    scene.recorder.say("the analyst sees why:")
    seen = await scene.analyst.get(f"/v1/payments/{payment['id']}")
    scene.recorder.decision(seen["elements"][0]["decision"])
    await _tell_score(scene, payment)
    _keep(scene, payment)


async def _tell_score(scene: Scene, payment: Any) -> None:
    # No page shows it: what the model saw and said is a part of the decision's facts.
    async with transaction(scene.engine) as session:
        [decision] = (await payments.explain(session, payment["id"])).decisions
    risk = decision.facts.risk
    if risk is None:
        scene.recorder.say("no risk model scores any more: somebody has deactivated the demo's")
        return
    if risk.score is None:
        raise StoryFailed(f"the risk model gave no score: {risk.failure}")
    scene.recorder.say(
        f"beside the rules, the risk model (version {risk.model_version}, of an invented history, for the"
        f" demo only) gave {risk.score} of 1000 from {len(risk.features)} features"
    )
    scene.recorder.note(risk=asdict(risk))


async def decline_frozen(scene: Scene) -> None:
    """A frozen card declines, whoever notices first, and leaves no hold."""
    before = await scene.ada.get("/v1/wallet")
    await scene.ada.post(f"/v1/cards/{scene.card_id}/freeze")
    authorization = await scene.pay("pine-books", 5_00)
    payment = await _payment_of(scene, authorization)
    decision = payment["elements"][0]["decision"]
    if payment["status"] != "declined":
        raise StoryFailed("a frozen card could pay")
    scene.recorder.say("Ada freezes her card; PINE STREET BOOKS is declined", mark="✗", style="red")
    scene.recorder.decision(decision)
    await scene.ada.post(f"/v1/cards/{scene.card_id}/unfreeze")
    after = await scene.ada.get("/v1/wallet")
    if before != after:
        raise StoryFailed("a declined payment moved money")
    scene.recorder.say("nothing was held; one tap unfreezes the card")
    _keep(scene, payment)


async def lock_to_a_merchant(scene: Scene) -> None:
    """A second card belongs to whichever merchant it pays first, and to nobody else."""
    wanted = {"label": "Hosting", "type": "merchant_locked", "limits": [{"window": "month", "count": 3}]}
    asked = await scene.ada.post("/v1/cards", wanted)

    async def issued() -> Any:
        found = await scene.ada.get(f"/v1/cards/{asked['id']}")
        return found if found["state"] == "active" else None

    card = await eventually("the second card", issued)
    second = replace(scene, card_id=card["id"], card=await scene.outside.number_of(card["id"]))
    authorization = await second.pay("cloud-forge", 15_00)
    await scene.outside.clear(authorization["id"], 15_00, is_last=True)
    _keep(scene, await _settled_on(second, authorization, held=0, posted=15_00, status="settled"))
    scene.recorder.say(
        f"a card locked to one merchant, •••• {card['last4']}, pays CLOUDFORGE HOSTING and is theirs"
    )
    stolen = await second.pay("green-basket", 15_00)
    payment = await _declined(second, stolen, "merchant_locked")
    scene.recorder.say("the same number at GREEN BASKET MARKET: declined", mark="✗", style="red")
    scene.recorder.decision(payment["elements"][0]["decision"])
    scene.recorder.note(locked_card_id=card["id"])
    _keep(scene, payment)


async def repeat_and_reorder(scene: Scene) -> None:
    """Webhooks arrive twice and in the wrong order; the books do not notice."""
    await _active_again(scene)
    for kind in ("duplicate", "reorder"):
        await scene.outside.fault(kind, "issuing_*", count=3)
    authorization = await scene.pay("green-basket", 9_00)
    await scene.outside.clear(authorization["id"], 9_00, is_last=True)
    done = await _settled_on(scene, authorization, held=0, posted=9_00, status="settled")
    kinds = [element["kind"] for element in done["elements"]]
    scene.recorder.say(
        f"events doubled and shuffled: still exactly {' → '.join(kinds)}, {dollars(9_00)} posted"
    )
    if kinds != ["authorization", "clearing"]:
        raise StoryFailed(f"the elements are {kinds}")
    _keep(scene, done)


async def _active_again(scene: Scene) -> None:
    # The network may still think the card frozen for a moment.
    async def active() -> bool:
        card = await scene.outside.stripe.v1.issuing.cards.retrieve_async(scene.card_reference)
        return card.status == "active"

    await eventually("the card to be active at the issuer", active)


async def _payment_of(scene: Scene, authorization: Any) -> Any:
    async def look() -> Any:
        newest = (await scene.ada.get(f"/v1/payments?card_id={scene.card_id}&limit=1"))["data"]
        if not newest:
            return None
        found = await scene.ada.get(f"/v1/payments/{newest[0]['id']}")
        return found if found["merchant"]["descriptor"] == authorization["merchant_data"]["name"] else None

    return await eventually("the payment", look)


async def _settled_on(
    scene: Scene, authorization: Any, *, held: int, posted: int = 0, status: str | None = None
) -> Any:
    payment = await _payment_of(scene, authorization)

    async def look() -> Any:
        found = await scene.ada.get(f"/v1/payments/{payment['id']}")
        is_there = (found["held"], found["posted"]) == (held, posted)
        return found if is_there and status in (None, found["status"]) else None

    return await eventually(f"held {held}, posted {posted} ({status or 'any status'})", look)


async def _declined(scene: Scene, authorization: Any, reason: str) -> Any:
    payment = await _payment_of(scene, authorization)
    decision = payment["elements"][0]["decision"]
    if authorization["approved"] or decision["reason_code"] != reason:
        raise StoryFailed(f"expected a decline by {reason}, got {decision}")
    return payment


def _keep(scene: Scene, payment: Any) -> None:
    for element in payment["elements"]:
        if element["decision"]:
            scene.recorder.keep(element["decision"])
    scene.recorder.note(payment_id=payment["id"], payment=payment)


GAMBLING: Final = "lucky-seven"
PURCHASES: Final[tuple[tuple[str, Step], ...]] = (
    ("Pay: authorization, two clearings, a reversal, a refund", clear_in_parts),
    ("Pay: an expired hold, then a late clearing", expire_and_clear_late),
    ("Pay: a force post", force_post),
    ("Declined by a limit", decline_by_limit),
    ("Declined by a rule", decline_by_rule),
    ("Declined on a frozen card", decline_frozen),
    ("A card for one merchant", lock_to_a_merchant),
    ("Webhooks twice and out of order", repeat_and_reorder),
)
