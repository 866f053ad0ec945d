"""When a session was last in use, noted after the request and apart from its transaction."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Receive, Scope, Send

from cardwright.authentication import session_store
from cardwright.db.session import transaction


class SessionSightings:
    """ASGI middleware that stores the sightings which the cookies' authenticator leaves on requests.

    Within the request's own transaction a note would be lost with a refusal, and its lock would let two
    requests that end each other's sessions wait in a circle.
    """

    def __init__(self, app: ASGIApp, engine: Callable[[], AsyncEngine]) -> None:
        self._app = app
        self._engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection event."""
        await self._app(scope, receive, send)
        sighting = scope.get("state", {}).get("sighting")
        if scope["type"] == "http" and sighting is not None:
            session_id, at = sighting
            async with transaction(self._engine()) as session:
                await session_store.save_seen(session, session_id, at)
