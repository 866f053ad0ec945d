"""Controls of the made-up account: the real-time endpoint, the balance, paying, hosted pages' actions."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from simulator.objects import JsonObject
from simulator.stripe import balances, confirmation, identity, payment_intents
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError, from_validation
from simulator.stripe.exchange import is_supported
from simulator.stripe.merchants import CATALOGUE
from simulator.stripe.paying import Payment, pay
from simulator.stripe.realtime import TimeoutDefault
from simulator.stripe.verification_reports import Submission

SEE_OTHER = 303
M = TypeVar("M", bound=BaseModel)
Handler = Callable[[Request], Awaitable[Response]]


class RealTimeSetting(BaseModel):
    """Where real-time decisions are asked for, and what a late answer means."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://")
    timeout_default: TimeoutDefault = "decline"


class IssuingBalance(BaseModel):
    """What issuing may spend from now on, in minor units."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: int
    currency: str = "usd"


class Authentication(BaseModel):
    """How the person's authentication ends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Literal["succeed", "fail"]


class Control:
    """The handlers under /_sim/stripe; they take JSON, and forms from the hosted pages."""

    def __init__(self, account: StripeAccount) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        """Return the routes."""
        prefix = "/_sim/stripe"
        return [
            Route(f"{prefix}/realtime", guarded(self.set_realtime), methods=["POST"]),
            Route(f"{prefix}/realtime", guarded(self.show_realtime), methods=["GET"]),
            Route(f"{prefix}/realtime", guarded(self.remove_realtime), methods=["DELETE"]),
            Route(f"{prefix}/issuing_balance", guarded(self.set_issuing_balance), methods=["POST"]),
            Route(f"{prefix}/merchants", guarded(self.list_merchants), methods=["GET"]),
            Route(f"{prefix}/pay", guarded(self.pay), methods=["POST"]),
            Route(f"{prefix}/identity/{{session}}/submit", guarded(self.submit), methods=["POST"]),
            Route(
                f"{prefix}/payment_intents/{{intent}}/authenticate",
                guarded(self.authenticate),
                methods=["POST"],
            ),
        ]

    async def set_realtime(self, request: Request) -> Response:
        """Set the endpoint; the answer has its signing secret."""
        setting, _ = await read(request, RealTimeSetting)
        return JSONResponse(self._account.realtime.configure(setting.url, setting.timeout_default))

    async def show_realtime(self, request: Request) -> Response:  # noqa: ARG002 - a handler's shape
        """Show the endpoint, or nulls when there is none."""
        nothing = {"url": None, "timeout_default": None, "secret": None}
        return JSONResponse(self._account.realtime.configuration() or nothing)

    async def remove_realtime(self, request: Request) -> Response:  # noqa: ARG002 - a handler's shape
        """Decide without asking from now on."""
        self._account.realtime.remove()
        return Response(status_code=204)

    async def set_issuing_balance(self, request: Request) -> Response:
        """Set what issuing may spend."""
        balance, _ = await read(request, IssuingBalance)
        currency = balance.currency.lower()
        if not is_supported(currency):
            raise StripeError(f"There is no such currency here: {currency}", param="currency")
        balances.set_available(self._account, "issuing", currency, balance.amount)
        return JSONResponse({"amount": balance.amount, "currency": currency})

    async def list_merchants(self, request: Request) -> Response:  # noqa: ARG002 - a handler's shape
        """List the merchants one can pay at."""
        return JSONResponse({"data": [merchant.shown() for merchant in CATALOGUE.values()]})

    async def pay(self, request: Request) -> Response:
        """Pay, and answer with the authorization."""
        payment, _ = await read(request, Payment)
        return JSONResponse(await pay(self._account, payment))

    async def submit(self, request: Request) -> Response:
        """Hand documents in; a form goes back to the page's return URL."""
        session_id = request.path_params["session"]
        submission, is_form = await read(request, Submission)
        session = identity.submit(self._account, session_id, submission)
        if not is_form:
            return JSONResponse(_without_secret(session))
        back = identity.return_url_of(self._account, session_id)
        return _redirect(back or self._account.page_url(f"identity/{session_id}"), {})

    async def authenticate(self, request: Request) -> Response:
        """Pass authentication or fail it; a form goes back to the merchant."""
        intent = payment_intents.get_intent(self._account, request.path_params["intent"])
        authentication, is_form = await read(request, Authentication)
        back = ((intent["next_action"] or {}).get("redirect_to_url") or {}).get("return_url")
        intent = confirmation.authenticate(self._account, intent, authentication.outcome)
        if not is_form:
            return JSONResponse(_without_secret(intent))
        is_paid = intent["status"] == "succeeded"
        query = {"payment_intent": intent["id"], "redirect_status": "succeeded" if is_paid else "failed"}
        return _redirect(back or self._account.page_url(f"payment_intents/{intent['id']}"), query)


def guarded(handler: Handler) -> Handler:
    """Turn a StripeError into its answer."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except StripeError as error:
            return JSONResponse(error.body(), status_code=error.status)

    return guarded


async def read(request: Request, model: type[M]) -> tuple[M, bool]:
    """Read a JSON body, or a form with the same names; the flag says whether it was a form."""
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    try:
        if is_form:
            form: dict[str, Any] = dict(await request.form())
            given = {name: value for name, value in form.items() if value != ""}
            return model.model_validate(given), True
        return model.model_validate_json(await request.body(), strict=True), False
    except ValidationError as error:
        raise from_validation(error.errors(include_url=False)) from None


def _redirect(url: str, query: dict[str, str]) -> Response:
    joint = "&" if "?" in url else "?"
    return RedirectResponse(f"{url}{joint}{urlencode(query)}" if query else url, status_code=SEE_OTHER)


def _without_secret(obj: JsonObject) -> JsonObject:
    return {name: value for name, value in obj.items() if name != "client_secret"}
