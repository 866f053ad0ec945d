"""The resources, the hosted page, and the control of what the vendor decides."""

import secrets
from html import escape
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from simulator.applicants import Problem
from simulator.onfido.desk import Decision, IdentityDesk
from simulator.onfido.errors import OnfidoError
from simulator.settings import SimulatorSettings

_ROOT = "/v3.6"
_CREATED = 201
_SEE_OTHER = 303
M = TypeVar("M", bound=BaseModel)


class Applicant(BaseModel):
    """Who is to be verified."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_name: str = Field(min_length=1, max_length=40)
    last_name: str = Field(min_length=1, max_length=40)
    email: str | None = None
    phone_number: str | None = None
    dob: str | None = None


class WantedRun(BaseModel):
    """A run that is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workflow_id: str
    applicant_id: str
    customer_user_id: str | None = Field(default=None, max_length=256)
    tags: list[str] | None = Field(default=None, max_length=30)
    link: dict[str, Any] | None = None
    custom_data: dict[str, Any] | None = None


class Endpoint(BaseModel):
    """Where webhooks go."""

    url: str = Field(pattern=r"^https?://")


class Decided(BaseModel):
    """What a reviewer at the vendor says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Decision
    problem: Problem | None = None


class Api:
    """The handlers, for one desk and its token."""

    def __init__(self, desk: IdentityDesk, settings: SimulatorSettings) -> None:
        self._desk = desk
        self._expected = f"Token token={settings.onfido_token}".encode()

    def routes(self) -> list[Route]:
        """Return the resources, the page and the controls."""
        page = "/_sim/onfido/runs/{run}"
        return [
            Route(f"{_ROOT}/applicants", self.create_applicant, methods=["POST"]),
            Route(f"{_ROOT}/workflow_runs", self.create_run, methods=["POST"]),
            Route(f"{_ROOT}/workflow_runs", self.list_runs, methods=["GET"]),
            Route(f"{_ROOT}/workflow_runs/{{run}}", self.show_run, methods=["GET"]),
            Route(page, self.show_page, methods=["GET"]),
            Route(f"{page}/submit", self.submit, methods=["POST"]),
            Route(f"{page}/decide", self.decide, methods=["POST"]),
            Route(f"{page}/tell", self.tell, methods=["POST"]),
            Route("/_sim/onfido/endpoint", self.set_endpoint, methods=["POST"]),
        ]

    async def create_applicant(self, request: Request) -> JSONResponse:
        """Keep an applicant."""
        self._authenticate(request)
        wanted = (await _read(request, Applicant)).model_dump(exclude_none=True)
        return JSONResponse(self._desk.create_applicant(wanted), _CREATED)

    async def create_run(self, request: Request) -> JSONResponse:
        """Begin a run."""
        self._authenticate(request)
        wanted = (await _read(request, WantedRun)).model_dump(exclude_none=True)
        return JSONResponse(self._desk.create_run(wanted), _CREATED)

    async def list_runs(self, request: Request) -> JSONResponse:
        """List runs, by their tags."""
        self._authenticate(request)
        is_oldest_first = request.query_params.get("sort") == "asc"
        tags = request.query_params.getlist("tags")
        return JSONResponse(self._desk.runs(tags, is_oldest_first=is_oldest_first)[:20])

    async def show_run(self, request: Request) -> JSONResponse:
        """Show one run."""
        self._authenticate(request)
        return JSONResponse(self._desk.run(request.path_params["run"]))

    async def show_page(self, request: Request) -> Response:
        """Ask for documents, or say how the run stands."""
        run = self._desk.run(request.path_params["run"])
        action = f"/_sim/onfido/runs/{escape(run['id'])}/submit"
        body = f'<form method="post" action="{action}"><button>Hand in the documents</button></form>'
        if run["status"] != "awaiting_input":
            body = f"<p>This verification is {escape(run['status'])}.</p>"
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Verify your identity</title>'
        return HTMLResponse(f"{head}<h1>Verify your identity</h1>{body}</html>")

    async def submit(self, request: Request) -> Response:
        """Hand documents in; then the person goes back to where the run was begun."""
        run = self._desk.submit(request.path_params["run"])
        back = run["link"]["completed_redirect_url"]
        return RedirectResponse(back, _SEE_OTHER) if back else JSONResponse(run)

    async def decide(self, request: Request) -> JSONResponse:
        """End a run as a reviewer would."""
        wanted = await _read(request, Decided)
        return JSONResponse(self._desk.decide(request.path_params["run"], wanted.decision, wanted.problem))

    async def tell(self, request: Request) -> Response:
        """Send a run's webhook once more."""
        self._desk.tell(request.path_params["run"])
        return Response(status_code=204)

    async def set_endpoint(self, request: Request) -> JSONResponse:
        """Set where webhooks go; the answer has the token that signs them."""
        return JSONResponse(self._desk.set_endpoint((await _read(request, Endpoint)).url))

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not secrets.compare_digest(given, self._expected):
            raise OnfidoError(401, "authorization_error", "Authorization error: please re-check the token.")


async def _read(request: Request, model: type[M]) -> M:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in problem["loc"])
        raise OnfidoError(422, "validation_error", f"{where}: {problem['msg']}") from None
