"""Paying at a made-up merchant, and what the merchant may do afterwards."""

import time
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from simulator.page.desk import RefusedError, ask, form_of, go_to
from simulator.page.money import parsed
from simulator.page.rendering import page

_HELPERS = "/v1/test_helpers/issuing"
_MOST_CARDS = 100
_MERCHANT_FIELDS = ("category", "city", "country", "name", "network_id", "terminal_id", "url")
# What a merchant may do: the call, the button, what it does, what an empty amount means (None: no amount).
_ACTIONS = (
    ("capture", "Capture", "Take the money, in part or in whole; the last one lets go of the rest.", "all"),
    ("increment", "Increment", "Ask for more on the same purchase, as hotels do.", "more"),
    ("reverse", "Reverse", "Let go of what is held, in part or in whole.", "all"),
    ("expire", "Expire", "Let the hold lapse now; a late capture may still come.", None),
)


async def choose(request: Request) -> Response:
    """Show the cards and the merchants to choose from."""
    cards = (await ask(request, "GET", f"/v1/issuing/cards?limit={_MOST_CARDS}"))["data"]
    usable = [card["id"] for card in cards if card["status"] == "active"]
    chosen = request.query_params.get("card") or next(iter(usable), "")
    return page(request, "pay.html", cards=cards, chosen=chosen, merchants=await _merchants(request))


async def pay(request: Request) -> Response:
    """Let the merchant ask for an authorization and show how that ended, with the time it took."""
    form = await form_of(request)
    try:
        merchant = await merchant_of(request, form)
        amount = parsed(form.get("amount", ""), merchant["currency"])
        wish = {"card": form.get("card", ""), "merchant": merchant["id"], "amount": amount}
        started = time.monotonic()
        outcome = await ask(request, "POST", "/_sim/stripe/pay", body=wish)
    except (RefusedError, ValueError) as error:
        return go_to(f"/pay?{urlencode({'card': form.get('card', '')})}", str(error))
    milliseconds = round((time.monotonic() - started) * 1000)
    return go_to(f"/pay/{outcome['id']}?milliseconds={milliseconds}")


async def show_outcome(request: Request) -> Response:
    """Show one authorization: the answer, the reason, what is held, and what can be done with it."""
    authorization_id = quote(request.path_params["authorization"], safe="")
    authorization = await ask(request, "GET", f"/v1/issuing/authorizations/{authorization_id}")
    milliseconds = request.query_params.get("milliseconds", "")
    return page(
        request,
        "authorization.html",
        authorization=authorization,
        actions=_ACTIONS,
        milliseconds=int(milliseconds[:6]) if milliseconds.isdecimal() else None,
    )


async def act(request: Request) -> Response:
    """Capture, increment, reverse or expire: an empty amount means all of it."""
    authorization = quote(request.path_params["authorization"], safe="")
    action = request.path_params["action"]
    here = f"/pay/{authorization}"
    if action not in {name for name, *_ in _ACTIONS}:
        return go_to(here, "A merchant cannot do that.")
    form = await form_of(request)
    try:
        wish = _amount_of(form, f"{action}_amount")
        if action == "capture":
            wish["close_authorization"] = "true" if form.get("close") else "false"
        await ask(request, "POST", f"{_HELPERS}/authorizations/{authorization}/{action}", form=wish)
    except (RefusedError, ValueError) as error:
        return go_to(here, str(error))
    return go_to(here)


async def refund(request: Request) -> Response:
    """Refund a transaction, in part or in whole."""
    form = await form_of(request)
    here = f"/pay/{quote(form.get('authorization', ''), safe='')}"
    transaction = quote(form.get("transaction", ""), safe="")
    try:
        wish = _amount_of(form, "refund_amount")
        await ask(request, "POST", f"{_HELPERS}/transactions/{transaction}/refund", form=wish)
    except (RefusedError, ValueError) as error:
        return go_to(here, str(error))
    return go_to(here)


async def force_post(request: Request) -> Response:
    """Take money without asking, as some merchants may; the amount is in the card's currency."""
    form = await form_of(request)
    card_id = form.get("card", "")
    try:
        merchant = await merchant_of(request, form)
        card = await ask(request, "GET", f"/v1/issuing/cards/{quote(card_id, safe='')}")
        details = {f"merchant_data[{name}]": merchant[name] for name in _MERCHANT_FIELDS if merchant[name]}
        wish = {"card": card_id, "amount": str(parsed(form.get("amount", ""), card["currency"]))}
        await ask(request, "POST", f"{_HELPERS}/transactions/create_force_capture", form=wish | details)
    except (RefusedError, ValueError) as error:
        return go_to(f"/pay?{urlencode({'card': card_id})}", str(error))
    return go_to(f"/cards/{card['id']}")


async def _merchants(request: Request) -> list[dict[str, Any]]:
    merchants: list[dict[str, Any]] = (await ask(request, "GET", "/_sim/stripe/merchants"))["data"]
    return merchants


async def merchant_of(request: Request, form: dict[str, str]) -> dict[str, Any]:
    """Return the merchant the form names; ValueError when there is none."""
    for merchant in await _merchants(request):
        if merchant["id"] == form.get("merchant"):
            return merchant
    raise ValueError("Choose a merchant.")


def _amount_of(form: dict[str, str], name: str) -> dict[str, str]:
    """Return the posted amount in minor units under `name`, or nothing when the field was left empty."""
    if not form.get("amount", "").strip():
        return {}
    return {name: str(parsed(form["amount"], form.get("currency", "usd")))}
