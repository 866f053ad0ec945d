"""Who is asking, by an API key."""

import hmac
from datetime import datetime
from typing import Final

from fastapi import Request

from cardwright.access import Principal
from cardwright.api_keys import store, text
from cardwright.api_keys.domain import ApiKey
from cardwright.api_keys.text import Environment, PresentedKey
from cardwright.authentication import find_identity
from cardwright.core.clock import Clock
from cardwright.core.errors import Unauthenticated
from cardwright.db.session import Session
from cardwright.http.credentials import bearer_token
from cardwright.http.origin import current_origin

PREFIX: Final = "cw_"
_NOBODYS_HASH: Final = "0" * 64


class ApiKeys:
    """Accepts `Authorization: Bearer cw_…` with a living key of this deployment's environment and program.

    Its Principal has the key's scopes, which the owner's roles cut down again at every request, and neither a
    session nor a factor: a key never passes a step-up.
    """

    def __init__(self, clock: Clock, environment: Environment, *, program_id: str) -> None:
        self._clock = clock
        self._environment = environment
        self._program_id = program_id

    async def authenticate(self, request: Request, session: Session) -> Principal | None:
        """Return whose key it is; None without one; raise Unauthenticated for one that does not count."""
        token = bearer_token(request)
        if token is None or not token.startswith(PREFIX):
            return None
        presented = text.read(token)
        if presented is None:
            raise Unauthenticated("api_key_mistyped", "This is not a whole API key; look for a typing error.")
        at = self._clock.now()
        key = await self._genuine(session, presented)
        await _ensure_counts(session, key, at)
        if key.is_use_worth_noting(at):
            origin = current_origin()
            await store.note_use(session, key.id, at=at, address=origin.client_address if origin else None)
        return Principal(key.user_id, key.program_id, scopes=key.scopes)

    async def _genuine(self, session: Session, presented: PresentedKey) -> ApiKey:
        key = await store.find_key(session, presented.id)
        stored_hash = _NOBODYS_HASH if key is None else key.secret_hash
        is_same = hmac.compare_digest(stored_hash, presented.secret_hash)
        is_here = presented.environment is self._environment
        if key is None or not is_same or not is_here or key.program_id != self._program_id:
            raise Unauthenticated("api_key_invalid", "There is no such API key here.")
        return key


async def _ensure_counts(session: Session, key: ApiKey, at: datetime) -> None:
    # Told apart only to whoever holds the genuine key.
    if key.revoked_at is not None:
        raise Unauthenticated("api_key_revoked", "This API key was revoked.")
    if not key.is_alive(at):
        raise Unauthenticated("api_key_expired", "This API key has expired.")
    if await find_identity(session, key.user_id) is None:
        raise Unauthenticated("api_key_invalid", "There is no such API key here.")
