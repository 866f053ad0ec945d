"""Who is asking: the dependency that turns a bearer token into a Principal."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from cardwright.authentication.domain import Principal
from cardwright.authentication.sessions import find_principal
from cardwright.authentication.tokens import AccessClaims, TokenSigner
from cardwright.core.errors import Unauthenticated
from cardwright.http.deps import ClockDep, SessionDep, provided

_bearer = HTTPBearer(
    bearerFormat="JWT",
    scheme_name="accessToken",
    auto_error=False,
    description="From `POST /v1/auth/sign-in`.",
)


def _access_claims(
    header: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    signer: Annotated[TokenSigner, Depends(provided(TokenSigner))],
    clock: ClockDep,
) -> AccessClaims:
    if header is None:
        raise Unauthenticated("token_missing", "Send an access token in the Authorization header.")
    return signer.verify(header.credentials, at=clock.now())


async def _current_principal(
    claims: Annotated[AccessClaims, Depends(_access_claims)], session: SessionDep, clock: ClockDep
) -> Principal:
    # The session is looked up each time, so that ending it acts on the next request.
    principal = await find_principal(session, claims, clock.now())
    if principal is None:
        raise Unauthenticated("session_ended", "This session was ended or has expired; sign in again.")
    return principal


CurrentPrincipal = Annotated[Principal, Depends(_current_principal)]
