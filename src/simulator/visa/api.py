"""The endpoints, each behind the gate; what the service refuses is told in the body with status 200."""

from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.objects import JsonObject
from simulator.outages import OutageMiddleware
from simulator.visa import accounts
from simulator.visa.gate import Gate, VisaError
from simulator.world import World

_Service = Callable[[World, JsonObject], JsonObject]
_SERVICES: dict[str, _Service] = {
    "/vpa/v1/requisitionService": accounts.requisition,
    "/vpa/v1/getRequisitionDetails": accounts.details,
    "/vpa/v1/accountManagement/GetSecurityCode": accounts.security_code,
    "/vpa/v1/accountManagement/GetAccountStatus": accounts.account_status,
}


def create_visa_app(world: World, gate: Gate) -> Starlette:
    """Build the application of the listener."""
    services = [
        Route(path, partial(_serve, world=world, gate=gate, service=service), methods=["POST"])
        for path, service in _SERVICES.items()
    ]
    return Starlette(
        routes=[*services, Route("/vdp/helloworld", partial(_greet, gate=gate), methods=["GET"])],
        middleware=[Middleware(OutageMiddleware, faults=world.faults)],
        exception_handlers={VisaError: _render},
    )


async def _serve(request: Request, *, world: World, gate: Gate, service: _Service) -> JSONResponse:
    body = await request.body()
    gate.ensure_allowed(request, body)
    message = gate.open(request, body)
    try:
        answer = service(world, message) | {"responses": accounts.verdict("00")}
    except accounts.Refused as refusal:
        answer = {"statusCode": refusal.code, "responses": accounts.verdict(refusal.code)}
    name = "messageID" if "messageID" in message else "messageId"
    answer[name] = message.get(name)
    return JSONResponse(gate.seal(answer), headers=_correlation(world))


async def _greet(request: Request, *, gate: Gate) -> JSONResponse:
    gate.ensure_allowed(request, b"")
    return JSONResponse({"message": "helloworld"})


def _render(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, VisaError):
        raise error
    status = {"status": error.status, "code": error.code, "severity": "ERROR", "message": str(error)}
    return JSONResponse({"responseStatus": status}, error.status)


def _correlation(world: World) -> dict[str, str]:
    return {"X-CORRELATION-ID": world.objects.new_id("corr")}
