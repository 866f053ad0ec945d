"""A client's direct request to the server: its form, its proof of who it is, its DPoP key."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from cardwright.db.session import Session
from cardwright.http.deps import ClockDep
from cardwright.oauth.client_auth import ClaimedClient, authenticate_client, claimed_client
from cardwright.oauth.domain import Client
from cardwright.oauth.dpop import proven_key
from cardwright.oauth.errors import invalid_proof
from cardwright.oauth.forms import form_of
from cardwright.oauth.issuing import Asking
from cardwright.oauth.jose import NotGenuine
from cardwright.oauth.server import AuthorizationServer, LimiterDep, ServerDep, TransactionsDep, admit


@dataclass(frozen=True, slots=True)
class Backchannel:
    """A request that was counted; whose it is, is proven inside of the transaction that it changes."""

    request: Request
    server: AuthorizationServer
    form: Mapping[str, str]
    claimed: ClaimedClient
    begin: Callable[[], AbstractAsyncContextManager[Session]]
    at: datetime

    async def client(self, session: Session) -> Client:
        """Return the client that proved itself; raise OAuthError `invalid_client`."""
        return await authenticate_client(session, self.server, self.claimed, self.at)

    async def proven_key(self) -> str | None:
        """Return the DPoP key that the client proved to hold, if it sent a proof at all."""
        try:
            return await proven_key(self.request, self.server, self.at)
        except NotGenuine as error:
            raise invalid_proof(f"The DPoP proof was refused: {error}.") from error

    async def asking(self, session: Session) -> Asking:
        """Return who asks for tokens; a public client needs a DPoP key, as it has nothing else."""
        client = await self.client(session)
        key_thumbprint = await self.proven_key()
        if client.is_public and key_thumbprint is None:
            raise invalid_proof("A public client sends a DPoP proof.")
        return Asking(client, key_thumbprint, self.at)


def backchannel(endpoint: str) -> Callable[..., Awaitable[Backchannel]]:
    """Return a dependency that reads and counts a request to the endpoint of this name in OAuthLimits."""

    async def read(
        request: Request, server: ServerDep, limiter: LimiterDep, begin: TransactionsDep, clock: ClockDep
    ) -> Backchannel:
        form = await form_of(request)
        claimed = claimed_client(request, form)
        await admit(request, limiter, getattr(server.limits, endpoint), endpoint, claimed.client_id)
        return Backchannel(request, server, form, claimed, begin, clock.now())

    return read
