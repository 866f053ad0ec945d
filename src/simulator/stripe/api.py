"""All routes of the made-up account: the API under /v1, its controls and its hosted pages."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulator.stripe import (
    authorizations,
    balance_transactions,
    balances,
    cardholders,
    cards,
    charge_disputes,
    charges,
    confirmation,
    customers,
    disputes,
    ephemeral_keys,
    files,
    helper_authorizations,
    helper_transactions,
    identity,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
    transactions,
    verification_reports,
    webhook_endpoints,
)
from simulator.stripe.account import StripeAccount
from simulator.stripe.control import Control
from simulator.stripe.drill_control import DrillControl
from simulator.stripe.expand import Expander, Render
from simulator.stripe.operations import Operation, Operations
from simulator.stripe.pages import Pages
from simulator.stripe.pipeline import Pipeline

OPERATIONS: Operations = (
    *cardholders.OPERATIONS,
    *cards.OPERATIONS,
    *ephemeral_keys.OPERATIONS,
    *authorizations.OPERATIONS,
    *transactions.OPERATIONS,
    *disputes.OPERATIONS,
    *files.OPERATIONS,
    *helper_authorizations.OPERATIONS,
    *helper_transactions.OPERATIONS,
    *identity.OPERATIONS,
    *verification_reports.OPERATIONS,
    *customers.OPERATIONS,
    *payment_methods.OPERATIONS,
    *setup_intents.OPERATIONS,
    *payment_intents.OPERATIONS,
    *refunds.OPERATIONS,
    *charge_disputes.OPERATIONS,
    *webhook_endpoints.OPERATIONS,
    *balances.OPERATIONS,
    *balance_transactions.OPERATIONS,
)
EXPANDABLE: dict[str, tuple[str, Render]] = {
    "ich": (cardholders.KIND, cardholders.render),
    "ic": (cards.KIND, cards.render),
    "iauth": (authorizations.KIND, authorizations.render),
    "ipi": (transactions.KIND, transactions.render),
    "idp": (disputes.KIND, disputes.render),
    "file": (files.KIND, files.render),
    "txn": (balances.KIND, balances.render),
    "vr": (verification_reports.KIND, verification_reports.render),
    "vs": (identity.KIND, identity.render),
    "pi": (confirmation.KIND, payment_intents.render),
    "pm": (payment_methods.KIND, payment_methods.render),
    "ch": (charges.KIND, charges.render),
    "re": (refunds.KIND, refunds.render),
    "cus": (customers.KIND, customers.render),
    "du": (charge_disputes.KIND, charge_disputes.render),
    "seti": (setup_intents.KIND, setup_intents.render),
}


def stripe_routes(account: StripeAccount) -> list[BaseRoute]:
    """Return everything the account answers to, mounted at the root."""
    pipeline = Pipeline(account, Expander(account, EXPANDABLE))
    api = [
        Route(operation.path, _endpoint(pipeline, operation), methods=[operation.method])
        for operation in OPERATIONS
    ]

    async def not_found(request: Request) -> Response:
        return pipeline.not_found(request)

    unknown = Route("/v1/{rest:path}", not_found, methods=["GET", "POST", "DELETE", "PUT", "PATCH"])
    return [
        *api,
        *Control(account).routes(),
        *DrillControl(account).routes(),
        *Pages(account).routes(),
        unknown,
    ]


def _endpoint(pipeline: Pipeline, operation: Operation[Any]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await pipeline.serve(operation, request)

    return endpoint
