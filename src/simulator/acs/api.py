"""The server's resources, for the merchant's side and for the issuer, and where its webhooks go."""

import secrets
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.acs.errors import AcsError
from simulator.acs.server import ChallengeServer, Wanted

_PATH = "/acs/v1/challenges"
_CREATED = 201
M = TypeVar("M", bound=BaseModel)


class Answer(BaseModel):
    """What the issuer's customer said."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    approved: bool


class Endpoint(BaseModel):
    """Where webhooks go."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern=r"^https?://")


class Api:
    """The handlers, for one server and its key."""

    def __init__(self, server: ChallengeServer, api_key: str) -> None:
        self._server = server
        self._expected = f"Bearer {api_key}".encode()

    def routes(self) -> list[Route]:
        """Return the resources, and the control of the endpoint."""
        return [
            Route(_PATH, self.create_challenge, methods=["POST"]),
            Route(f"{_PATH}/{{challenge}}", self.show_challenge, methods=["GET"]),
            Route(f"{_PATH}/{{challenge}}/answer", self.answer_challenge, methods=["POST"]),
            Route(f"{_PATH}/{{challenge}}/cancel", self.cancel_challenge, methods=["POST"]),
            Route(f"{_PATH}/{{challenge}}/redeem", self.redeem_challenge, methods=["POST"]),
            Route("/_sim/acs/endpoint", self.set_endpoint, methods=["POST"]),
        ]

    async def create_challenge(self, request: Request) -> JSONResponse:
        """Ask the cardholder of a purchase."""
        self._authenticate(request)
        return JSONResponse(self._server.create(await _read(request, Wanted)), _CREATED)

    async def show_challenge(self, request: Request) -> JSONResponse:
        """Show how a challenge stands."""
        self._authenticate(request)
        return JSONResponse(self._server.get(request.path_params["challenge"]))

    async def answer_challenge(self, request: Request) -> JSONResponse:
        """Take an answer, once per Idempotency-Key."""
        self._authenticate(request)
        key = request.headers.get("idempotency-key", "")
        if not key:
            raise AcsError(400, "key_missing", "Send an Idempotency-Key header.")
        answer = await _read(request, Answer)
        challenge_id = request.path_params["challenge"]
        return JSONResponse(self._server.answer(challenge_id, approved=answer.approved, key=key))

    async def cancel_challenge(self, request: Request) -> JSONResponse:
        """Stop asking."""
        self._authenticate(request)
        return JSONResponse(self._server.cancel(request.path_params["challenge"]))

    async def redeem_challenge(self, request: Request) -> JSONResponse:
        """Let the merchant pay on an approval, once."""
        self._authenticate(request)
        return JSONResponse(self._server.redeem(request.path_params["challenge"]))

    async def set_endpoint(self, request: Request) -> JSONResponse:
        """Set where webhooks go; the answer has the signing secret."""
        return JSONResponse(self._server.set_endpoint((await _read(request, Endpoint)).url))

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not secrets.compare_digest(given, self._expected):
            raise AcsError(401, "unauthenticated", "Send the key as a bearer token.")


async def _read(request: Request, model: type[M]) -> M:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in problem["loc"])
        raise AcsError(422, "invalid", f"{where}: {problem['msg']}") from None
