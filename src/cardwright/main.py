"""The HTTP application: routers, middleware, error handlers; nothing decides anything here."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.http import errors
from cardwright.http.middleware import RequestEnvelope

ROUTERS: Final[tuple[APIRouter, ...]] = ()


def build_app(engine: AsyncEngine, provided: Mapping[type, Any]) -> FastAPI:
    """Return the application on an engine and the collaborators that wiring provides."""
    app = FastAPI(title="Cardwright", version="0.1.0", generate_unique_id_function=_operation_id)
    app.state.engine = engine
    app.state.provided = provided
    errors.install(app)
    app.add_middleware(RequestEnvelope)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
