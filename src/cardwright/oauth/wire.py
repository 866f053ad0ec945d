"""OAuth on the wire: its own errors in place of problem documents, and its outputs."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, Self

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from cardwright.core.errors import TooMany
from cardwright.http.routes import operation_id
from cardwright.http.strict import Output, StrictRoute
from cardwright.oauth.errors import OAuthError
from cardwright.oauth.issuing import Tokens


class OAuthErrorOutput(Output):
    """A refusal as RFC 6749, section 5.2, writes it: OAuth endpoints answer so, and not by problems."""

    error: str = Field(examples=["invalid_grant"])
    error_description: str = Field(examples=["The code has expired."])


class TokensOutput(Output):
    """Tokens as RFC 6749, section 5.1, writes them; `scope` is what was granted."""

    access_token: str
    token_type: str = Field(examples=["DPoP"])
    expires_in: int = Field(description="Seconds until the access token expires.", examples=[600])
    scope: str = Field(examples=["cards.read offline_access openid"])
    refresh_token: str | None = None
    id_token: str | None = None

    @classmethod
    def of(cls, tokens: Tokens) -> Self:
        """Show tokens to the client that they are for."""
        return cls(
            access_token=tokens.access_token,
            token_type=tokens.token_type,
            expires_in=tokens.expires_in_seconds,
            scope=tokens.scope,
            refresh_token=tokens.refresh_token,
            id_token=tokens.id_token,
        )


class PushedOutput(Output):
    """What the browser takes to the authorization endpoint in place of the request itself (RFC 9126)."""

    request_uri: str = Field(examples=["urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c"])
    expires_in: int = Field(examples=[300])


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"model": OAuthErrorOutput, "description": "A refusal, told as RFC 6749 describes."}
}
"""The responses that these routes declare, in place of the problem documents of all others."""

PAGES: Final[dict[int | str, dict[str, Any]]] = {
    "default": {"description": "A page that says what is wrong.", "content": {"text/html": {}}}
}
"""The responses of routes for people's browsers."""

_NOT_KEPT: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthRoute(StrictRoute):
    """A route that answers refusals as OAuth's clients understand them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the strict handler."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except OAuthError as error:
                return refusal(error)
            except TooMany as error:
                headers = {"Retry-After": str(error.details["retry_after_seconds"])}
                return refusal(
                    OAuthError("temporarily_unavailable", error.message, status=429, headers=headers)
                )

        return answer


def refusal(error: OAuthError) -> Response:
    """Return an error as JSON."""
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, error.status, {**_NOT_KEPT, **error.headers})


def oauth_router() -> APIRouter:
    """Return a router of OAuth's endpoints."""
    return APIRouter(
        tags=["oauth"], route_class=OAuthRoute, responses=REFUSALS, generate_unique_id_function=operation_id
    )  # fmt: skip


def form_body(description: str, **fields: str) -> Mapping[str, Any]:
    """Return how OpenAPI describes a form; fields whose text ends with `(required)` are."""
    schema = {
        "type": "object",
        "description": description,
        "properties": {name: {"type": "string", "description": text} for name, text in fields.items()},
        "required": [name for name, text in fields.items() if text.endswith("(required)")],
    }
    return {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}}
