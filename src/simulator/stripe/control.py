"""Controls of the made-up account: the real-time endpoint, the balance, paying, hosted pages' actions."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from simulator.objects import JsonObject
from simulator.stripe import (
    balances,
    charge_disputes,
    confirmation,
    disputes,
    identity,
    payment_intents,
    refunds,
    setup_intents,
)
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


class NetworkAnswer(BaseModel):
    """What the network does with a submitted dispute; `amount` is what is won, when it is not all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: Literal["credit", "take_back", "won", "lost"]
    amount: int | None = None
    loss_reason: disputes.LossReason = "other"


class Settlement(BaseModel):
    """What the bank makes of a refund."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Literal["succeeded", "failed"]


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
            Route(f"{prefix}/disputes/{{dispute}}", guarded(self.answer_dispute), methods=["POST"]),
            Route(f"{prefix}/identity/{{session}}/submit", guarded(self.submit), methods=["POST"]),
            Route(
                f"{prefix}/payment_intents/{{intent}}/authenticate",
                guarded(self.authenticate),
                methods=["POST"],
            ),
            Route(
                f"{prefix}/setup_intents/{{intent}}/authenticate",
                guarded(self.authenticate_setup),
                methods=["POST"],
            ),
            Route(f"{prefix}/charges/{{charge}}/dispute", guarded(self.dispute), methods=["POST"]),
            Route(f"{prefix}/disputes/{{dispute}}/close", guarded(self.close_dispute), methods=["POST"]),
            Route(f"{prefix}/refunds/{{refund}}/settle", guarded(self.settle_refund), methods=["POST"]),
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

    async def answer_dispute(self, request: Request) -> Response:
        """Let the network credit a dispute, take that back, or end it; answer with the dispute."""
        wanted, _ = await read(request, NetworkAnswer)
        dispute_id = request.path_params["dispute"]
        match wanted.answer:
            case "credit":
                dispute = disputes.credit(self._account, dispute_id)
            case "take_back":
                dispute = disputes.take_back(self._account, dispute_id)
            case "won":
                dispute = disputes.win(self._account, dispute_id, wanted.amount)
            case "lost":
                dispute = disputes.lose(self._account, dispute_id, wanted.loss_reason)
        return JSONResponse(dispute)

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
        return self._sent_back(intent, back)

    async def authenticate_setup(self, request: Request) -> Response:
        """The same for a card that is to be kept."""
        setup = setup_intents.get_setup(self._account, request.path_params["intent"])
        authentication, is_form = await read(request, Authentication)
        back = ((setup["next_action"] or {}).get("redirect_to_url") or {}).get("return_url")
        setup = setup_intents.authenticate(self._account, setup, authentication.outcome)
        return self._sent_back(setup, back) if is_form else JSONResponse(_without_secret(setup))

    async def dispute(self, request: Request) -> Response:
        """Dispute a charge at the cardholder's bank."""
        wish, _ = await read(request, charge_disputes.NewDispute)
        return JSONResponse(charge_disputes.open_dispute(self._account, request.path_params["charge"], wish))

    async def close_dispute(self, request: Request) -> Response:
        """Let the bank decide a dispute."""
        closing, _ = await read(request, charge_disputes.Closing)
        dispute_id = request.path_params["dispute"]
        return JSONResponse(charge_disputes.close_dispute(self._account, dispute_id, closing.outcome))

    async def settle_refund(self, request: Request) -> Response:
        """Let the bank take a refund or send it back."""
        settlement, _ = await read(request, Settlement)
        return JSONResponse(refunds.settle(self._account, request.path_params["refund"], settlement.outcome))

    def _sent_back(self, intent: JsonObject, back: str | None) -> Response:
        outcome = "succeeded" if intent["status"] == "succeeded" else "failed"
        query = {intent["object"]: intent["id"], "redirect_status": outcome}
        return _redirect(back or self._account.page_url(f"{intent['object']}s/{intent['id']}"), query)


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
