"""The HTTP application: routers, middleware, error handlers, lifespan; nothing is decided here."""

import asyncio
import gc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import copy
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi_offline import FastAPIOffline
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import State
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp

import cardwright.api_keys.api
import cardwright.approvals.api
import cardwright.audit.api
import cardwright.authentication.api
import cardwright.authentication.credentials_api
import cardwright.authentication.factors.api
import cardwright.authentication.factors.proving_api
import cardwright.authentication.federation.api
import cardwright.backtests.api
import cardwright.backtests.trials_api
import cardwright.cards.api
import cardwright.cards.batches_api
import cardwright.cards.drift_api
import cardwright.cards.levels_api
import cardwright.cards.reveal_api
import cardwright.cards.spending_api
import cardwright.cards.templates_api
import cardwright.cases.api
import cardwright.cases.questions_api
import cardwright.challenges.api
import cardwright.challenges.approvers_api
import cardwright.disputes.api
import cardwright.events.api
import cardwright.funding.api
import cardwright.funding.disputes_api
import cardwright.funding.methods_api
import cardwright.funding.withdrawals_api
import cardwright.kyc.api
import cardwright.kyc.documents.api
import cardwright.kyc.review.api
import cardwright.kyc.screening.api
import cardwright.ledger.accounts_api
import cardwright.ledger.api
import cardwright.ledger.periods_api
import cardwright.ledger.seals_api
import cardwright.merchants.api
import cardwright.notifications.answers_api
import cardwright.notifications.api
import cardwright.notifications.deliveries_api
import cardwright.notifications.devices_api
import cardwright.notifications.links_api
import cardwright.notifications.live_api
import cardwright.notifications.preferences_api
import cardwright.notifications.templates_api
import cardwright.oauth.api
import cardwright.overview.api
import cardwright.payments.api
import cardwright.payments.log_api
import cardwright.payments.notes_api
import cardwright.payments.preflight_api
import cardwright.payments.replay_api
import cardwright.payments.shadow_api
import cardwright.reconciliation.api
import cardwright.rules.api
import cardwright.rules.guardrails_api
import cardwright.rules.lists_api
import cardwright.rules.models_api
import cardwright.rules.proofs_api
import cardwright.rules.versions_api
import cardwright.statements.api
import cardwright.users.account_api
import cardwright.users.api
import cardwright.users.sessions_api
import cardwright.users.staff_api
import cardwright.webhooks.api
import cardwright.webhooks.deliveries_api
from cardwright import events, wiring
from cardwright.access import ANY_SESSION, PUBLIC, answer_step_ups, ensure_declared
from cardwright.authentication import SessionSightings
from cardwright.db.session import transaction
from cardwright.encryption import keep_warm
from cardwright.http import errors, health, openapi, webhooks_in
from cardwright.http.draining import Draining, LastAnswers
from cardwright.http.middleware import RequestEnvelope
from cardwright.http.routes import flattened, operation_id
from cardwright.http.web_app import WebApp
from cardwright.measures import DRAINING
from cardwright.notifications import SECRET_PATHS, LiveHub, ending_with_process
from cardwright.observability import (
    Answered,
    MeasuredRequests,
    MetricsPage,
    observe_stages,
    sending_spans,
    serving_page,
)
from cardwright.payments import AuthorizationEndpoint
from cardwright.programs import Program
from cardwright.settings import Settings

ROUTERS: Final[tuple[APIRouter, ...]] = (
    cardwright.authentication.api.router,
    cardwright.authentication.factors.proving_api.router,
    cardwright.authentication.factors.api.router,
    cardwright.authentication.federation.api.router,
    cardwright.authentication.credentials_api.router,
    cardwright.users.api.router,
    cardwright.users.account_api.router,
    cardwright.users.sessions_api.router,
    cardwright.users.staff_api.router,
    cardwright.approvals.api.router,
    cardwright.oauth.api.router,
    cardwright.audit.api.router,
    cardwright.api_keys.api.router,
    cardwright.kyc.api.router,
    cardwright.kyc.screening.api.router,
    cardwright.kyc.review.api.router,
    cardwright.kyc.documents.api.router,
    cardwright.kyc.documents.api.uploads,
    cardwright.ledger.api.router,
    cardwright.ledger.accounts_api.router,
    cardwright.ledger.periods_api.router,
    cardwright.ledger.seals_api.router,
    cardwright.cards.api.router,
    cardwright.cards.templates_api.router,
    cardwright.cards.batches_api.router,
    cardwright.cards.reveal_api.router,
    cardwright.cards.levels_api.router,
    cardwright.cards.spending_api.router,
    cardwright.cards.drift_api.router,
    cardwright.challenges.api.router,
    cardwright.challenges.approvers_api.router,
    cardwright.rules.api.router,
    cardwright.rules.guardrails_api.router,
    cardwright.rules.lists_api.router,
    cardwright.rules.models_api.router,
    cardwright.rules.proofs_api.router,
    cardwright.rules.versions_api.router,
    cardwright.backtests.api.router,
    cardwright.backtests.trials_api.router,
    cardwright.payments.shadow_api.router,
    cardwright.payments.log_api.router,
    cardwright.payments.api.router,
    cardwright.payments.notes_api.router,
    cardwright.payments.preflight_api.router,
    cardwright.payments.replay_api.router,
    cardwright.disputes.api.router,
    cardwright.cases.api.router,
    cardwright.cases.questions_api.router,
    cardwright.disputes.api.uploads,
    cardwright.funding.api.router,
    cardwright.funding.methods_api.router,
    cardwright.funding.withdrawals_api.router,
    cardwright.funding.disputes_api.router,
    cardwright.reconciliation.api.router,
    cardwright.statements.api.router,
    cardwright.merchants.api.router,
    cardwright.notifications.preferences_api.router,
    cardwright.notifications.api.router,
    cardwright.notifications.answers_api.router,
    cardwright.notifications.devices_api.router,
    cardwright.notifications.live_api.router,
    cardwright.webhooks.api.router,
    cardwright.webhooks.deliveries_api.router,
    cardwright.events.api.router,
    cardwright.notifications.deliveries_api.router,
    cardwright.notifications.links_api.router,
    cardwright.notifications.templates_api.router,
    cardwright.overview.api.router,
    webhooks_in.router,
    health.router,
)
AUTHORIZATION_PATH: Final = "/webhooks/stripe/authorizations"


def build_api() -> FastAPI:
    """Return the API alone, without collaborators: enough to describe itself."""
    api = FastAPIOffline(
        title="Cardwright",
        version="0.1.0",
        summary="Issue virtual cards, decide every authorization in real time, explain every decision.",
        generate_unique_id_function=operation_id,
        redoc_url=None,
        redirect_slashes=False,
        # Spans begin at the edge of the process, where they are kept discreet; see observability.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    errors.install(api)
    answer_step_ups(api)
    # All in one row: what FastAPI includes is looked through twice for each request, router by router.
    for router in ROUTERS:
        api.router.routes.extend(flattened(router.routes))
    api.add_api_route("/", _to_the_docs, include_in_schema=False)
    openapi.install(
        api, public=PUBLIC, any_session=ANY_SESSION,
        webhooks=events.webhooks(), webhook_headers=events.WEBHOOK_HEADERS,
    )  # fmt: skip
    ensure_declared(api.routes)
    return api


def build_app(engine: AsyncEngine, provided: Mapping[type, Any], *, web: Path | None = None) -> ASGIApp:
    """Return the application on an engine and its collaborators, with the web app of a folder beside it."""
    # Several of them in one process share what takes long, the routes; the state is each one's own.
    api = copy(_routes())
    api.state = State()
    api.state.engine = api.state.authorization_engine = engine
    api.state.provided = provided
    return _around(api, web=web)


@cache
def _routes() -> FastAPI:
    return build_api()


def create_app(draining: Draining | None = None) -> ASGIApp:
    """Return the application as the environment describes it; uvicorn calls this."""
    # Here as well as in the command: under a bare uvicorn structlog would print every local variable.
    wiring.configure_logging()
    settings = Settings()
    keyring = wiring.make_keyring(settings)

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        api.state.engine = wiring.make_engine(settings, keyring)
        # A pool of their own: no other request can keep an authorization waiting for a connection.
        api.state.authorization_engine = wiring.make_engine(settings, keyring)
        api.state.provided = await wiring.provide(settings, api.state.engine)
        await wiring.warm(api.state.provided, api.state.authorization_engine)
        # What is here now stays: no look for garbage goes through it while an authorization waits.
        gc.freeze()
        warming = asyncio.create_task(keep_warm(keyring, api.state.engine, api.state.provided[Program].id))
        engines = (api.state.engine, api.state.authorization_engine)
        with sending_spans("cardwright-api", settings.tracing.endpoint, settings.tracing.share, engines):
            async with serving_page(_page(api), settings.metrics.host, settings.metrics.port):
                with ending_with_process(api.state.provided[LiveHub]):
                    yield
        warming.cancel()
        await wiring.close(api.state.provided)
        await api.state.authorization_engine.dispose()
        await api.state.engine.dispose()

    api = build_api()
    api.debug = settings.debug
    if settings.allowed_origins:
        api.add_middleware(
            CORSMiddleware, allow_origins=settings.allowed_origins, allow_methods=["*"], allow_headers=["*"]
        )
    api.router.lifespan_context = lifespan
    return _around(api, web=settings.web.folder, draining=draining)


def _around(api: FastAPI, *, web: Path | None = None, draining: Draining | None = None) -> ASGIApp:
    api.state.draining = draining = draining or Draining()
    served: ASGIApp = SessionSightings(api, lambda: api.state.engine)
    if web is not None:
        served = WebApp(served, folder=web, routes=api.routes)
    endpoint = AuthorizationEndpoint(
        RequestEnvelope(served, SECRET_PATHS),
        path=AUTHORIZATION_PATH,
        engine=lambda: api.state.authorization_engine,
        provided=lambda: api.state.provided,
    )
    return MeasuredRequests(LastAnswers(endpoint, draining), AUTHORIZATION_PATH)


def _page(api: FastAPI) -> MetricsPage:
    draining: Draining = api.state.draining
    DRAINING.set_function(lambda: float(draining.is_on))
    begin = partial(transaction, api.state.engine)
    # Its liveness is what the API itself answers.
    return MetricsPage(REGISTRY, partial(observe_stages, begin, api.state.provided[Answered]), lambda: True)


async def _to_the_docs() -> RedirectResponse:
    return RedirectResponse("/docs")
