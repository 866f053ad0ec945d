"""The hosted pages of the made-up account: identity documents, and authentication of a payment."""

from html import escape
from typing import get_args

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from simulator.applicants import DocumentProblem, OtherProblem, SelfieProblem
from simulator.objects import JsonObject
from simulator.stripe import identity, payment_intents, setup_intents
from simulator.stripe.account import StripeAccount
from simulator.stripe.errors import StripeError

_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:28rem;margin:3rem auto;padding:0 1rem}"
    "label{display:block;margin:.75rem 0}input,select,button{font:inherit;padding:.5rem;width:100%}"
    "button{margin:.5rem 0;cursor:pointer}"
)


class Pages:
    """The handlers of the pages."""

    def __init__(self, account: StripeAccount) -> None:
        self._account = account

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/_sim/stripe/identity/{session}", self.show_identity, methods=["GET"]),
            Route("/_sim/stripe/payment_intents/{intent}", self.show_authentication, methods=["GET"]),
            Route("/_sim/stripe/setup_intents/{intent}", self.show_setup, methods=["GET"]),
        ]

    async def show_identity(self, request: Request) -> Response:
        """Ask for documents, or say how the check stands."""
        try:
            session = identity.get_session(self._account, request.path_params["session"])
        except StripeError:
            return _page("Not found", "<p>There is no such verification.</p>", status=404)
        if session["status"] != "requires_input":
            return _page("Identity", f"<p>This verification is {escape(session['status'])}.</p>")
        return _page("Verify your identity", _identity_form(session["id"]))

    async def show_authentication(self, request: Request) -> Response:
        """Ask the person to approve a payment, or say how it stands."""
        try:
            intent = payment_intents.get_intent(self._account, request.path_params["intent"])
        except StripeError:
            return _page("Not found", "<p>There is no such payment.</p>", status=404)
        if intent["status"] != "requires_action":
            return _page("Payment", f"<p>This payment is {escape(intent['status'])}.</p>")
        whole, part = divmod(intent["amount"], 100)
        amount = f"{whole}.{part:02d} {escape(intent['currency'].upper())}"
        return _page("Approve this payment?", f"<p>{amount}</p>{_authentication_form(intent)}")

    async def show_setup(self, request: Request) -> Response:
        """Ask the person to let a card be kept, or say how that stands."""
        try:
            setup = setup_intents.get_setup(self._account, request.path_params["intent"])
        except StripeError:
            return _page("Not found", "<p>There is no such card.</p>", status=404)
        if setup["status"] != "requires_action":
            return _page("Card", f"<p>This card is {escape(setup['status'])}.</p>")
        return _page("Keep this card for later?", _authentication_form(setup))


def _identity_form(session_id: str) -> str:
    outcomes = ("verified", *get_args(DocumentProblem), *get_args(SelfieProblem), *get_args(OtherProblem))
    options = '<option value="">as the name says</option>' + "".join(
        f"<option>{outcome}</option>" for outcome in outcomes
    )
    return (
        f'<form method="post" action="/_sim/stripe/identity/{escape(session_id)}/submit">'
        '<label>First name <input name="first_name" autocomplete="off"></label>'
        '<label>Last name <input name="last_name" autocomplete="off"></label>'
        f'<label>How the check ends <select name="outcome">{options}</select></label>'
        "<button>Hand in the documents</button></form>"
    )


def _authentication_form(intent: JsonObject) -> str:
    return (
        f'<form method="post" action="/_sim/stripe/{intent["object"]}s/{escape(intent["id"])}/authenticate">'
        '<button name="outcome" value="succeed">Approve</button>'
        '<button name="outcome" value="fail">Refuse</button></form>'
    )


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1>{body}</html>",
        status_code=status,
    )
