"""Paying with 3-D Secure: the merchant waits until the cardholder has said yes or no on their own device."""

from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from simulator.page.desk import RefusedError, ask, form_of, go_to
from simulator.page.money import parsed
from simulator.page.pay import merchant_of
from simulator.page.rendering import page

_CHALLENGES = "/acs/v1/challenges"
_LOOK_AGAIN_SECONDS = 2


async def begin(request: Request) -> Response:
    """Ask the access control server to ask the cardholder."""
    form = await form_of(request)
    try:
        merchant = await merchant_of(request, form)
        wish = {
            "card": form.get("card", ""),
            "merchant": {name: merchant[name] for name in ("id", "name", "category_code", "country")},
            "amount": parsed(form.get("amount", ""), merchant["currency"]),
            "currency": merchant["currency"].upper(),
        }
        challenge = await _ask_server(request, "POST", _CHALLENGES, wish)
    except (RefusedError, ValueError) as error:
        return go_to(f"/pay?{urlencode({'card': form.get('card', '')})}", str(error))
    return go_to(f"/pay/confirm/{challenge['id']}")


async def show(request: Request) -> Response:
    """Show how the challenge stands; while nobody has answered the page looks again by itself."""
    challenge = await _ask_server(request, "GET", f"{_CHALLENGES}/{_id_in(request)}")
    shown = page(request, "challenge.html", challenge=challenge)
    if challenge["status"] == "pending":
        shown.headers["Refresh"] = str(_LOOK_AGAIN_SECONDS)
    return shown


async def finish(request: Request) -> Response:
    """Pay on the approval, once."""
    here = f"/pay/confirm/{_id_in(request)}"
    try:
        challenge = await _ask_server(request, "POST", f"{_CHALLENGES}/{_id_in(request)}/redeem")
        wish = {
            "card": challenge["card"],
            "merchant": challenge["merchant"]["id"],
            "amount": challenge["amount"],
            "three_d_secure": "authenticated",
        }
        outcome = await ask(request, "POST", "/_sim/stripe/pay", body=wish)
    except RefusedError as error:
        return go_to(here, str(error))
    return go_to(f"/pay/{outcome['id']}")


async def leave(request: Request) -> Response:
    """Close the merchant's page before the cardholder has answered."""
    here = f"/pay/confirm/{_id_in(request)}"
    try:
        await _ask_server(request, "POST", f"{_CHALLENGES}/{_id_in(request)}/cancel")
    except RefusedError as error:
        return go_to(here, str(error))
    return go_to(here)


async def _ask_server(
    request: Request, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    key = request.app.state.world.settings.acs_api_key
    return await ask(request, method, path, body=body, key=key)


def _id_in(request: Request) -> str:
    return quote(request.path_params["challenge"], safe="")
