"""The strings behind the stage, under /_sim: health, clock, faults, inbox, deliveries, state, reset."""

import json
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator import fcm
from simulator.faults import FaultKind, Target
from simulator.world import World

_LONGEST_ADVANCE_SECONDS = 10 * 366 * 24 * 3600
_KINDS_IN_SUMMARY = {
    "cardholders": "issuing.cardholder",
    "cards": "issuing.card",
    "authorizations": "issuing.authorization",
    "transactions": "issuing.transaction",
    "events": "event",
    "deliveries": "delivery",
    "challenges": "acs.challenge",
    "messages": "inbox",
    "faults": "fault",
}


class ControlError(Exception):
    """A control request that makes no sense; its text says why."""


class AdvanceRequest(BaseModel):
    """How far to move the clock, in seconds."""

    model_config = ConfigDict(extra="forbid", strict=True)
    seconds: int = Field(ge=0, le=_LONGEST_ADVANCE_SECONDS)


class FaultRequest(BaseModel):
    """A fault to set; `count` null means until it is lifted."""

    model_config = ConfigDict(extra="forbid", strict=True)
    target: Target
    kind: FaultKind
    selector: str = Field(default="*", min_length=1, max_length=200)
    count: int | None = 1
    delay_milliseconds: int = Field(default=0, ge=0, le=600_000)
    status: int = 503


def render_error(_request: Request, error: Exception) -> JSONResponse:
    """Answer a ControlError with 400 and {"error": {"message"}}."""
    if not isinstance(error, ControlError):
        raise error
    return JSONResponse({"error": {"message": str(error)}}, 400)


def routes() -> list[Route]:
    """The control routes that concern no single provider, and the push account's key file."""
    return [
        Route("/_sim/health", health, methods=["GET"]),
        Route("/_sim/clock", read_clock, methods=["GET"]),
        Route("/_sim/clock/advance", advance_clock, methods=["POST"]),
        Route("/_sim/faults", list_faults, methods=["GET"]),
        Route("/_sim/faults", add_fault, methods=["POST"]),
        Route("/_sim/faults", clear_faults, methods=["DELETE"]),
        Route("/_sim/faults/{fault}", lift_fault, methods=["DELETE"]),
        Route("/_sim/inbox", list_inbox, methods=["GET"]),
        Route("/_sim/deliveries", list_deliveries, methods=["GET"]),
        Route("/_sim/state", summarize, methods=["GET"]),
        Route("/_sim/reset", reset, methods=["POST"]),
        Route("/_sim/fcm/service-account.json", push_account, methods=["GET"]),
    ]


def clock_document(world: World) -> dict[str, Any]:
    """Return the virtual time as ISO 8601, as unix seconds, and how far it is ahead of the real one."""
    clock = world.clock
    return {
        "now": clock.now().isoformat(timespec="seconds"),
        "timestamp": clock.timestamp(),
        "offset_seconds": clock.offset_seconds,
    }


def state_summary(world: World) -> dict[str, int]:
    """Return how many things of each sort the simulator knows."""
    return {name: world.objects.count(kind) for name, kind in _KINDS_IN_SUMMARY.items()}


def set_fault(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    """Set a fault and return it; ControlError says what is wrong with the wish."""
    try:
        fault = world.faults.add(**FaultRequest.model_validate(wanted).model_dump())
    except ValidationError as error:
        raise ControlError(_explain(error)) from None
    except ValueError as error:
        raise ControlError(str(error)) from None
    return asdict(fault)


def move_clock(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    """Move the virtual clock and return where it stands; ControlError unless in whole seconds from 0 up."""
    try:
        world.clock.advance(AdvanceRequest.model_validate(wanted).seconds)
    except ValidationError as error:
        raise ControlError(_explain(error)) from None
    return clock_document(world)


async def health(request: Request) -> JSONResponse:
    """Say that the listeners are open, and where mail goes."""
    state = request.app.state
    return JSONResponse({"status": "ok", "smtp_port": state.mail.port} | clock_document(state.world))


async def read_clock(request: Request) -> JSONResponse:
    """Say what time it is in here."""
    return JSONResponse(clock_document(request.app.state.world))


async def advance_clock(request: Request) -> JSONResponse:
    """Move the clock by {"seconds": int}."""
    return JSONResponse(move_clock(request.app.state.world, await _json_object(request)))


async def list_faults(request: Request) -> JSONResponse:
    """Show the faults in force."""
    return JSONResponse({"data": [asdict(fault) for fault in request.app.state.world.faults.list()]})


async def add_fault(request: Request) -> JSONResponse:
    """Set a fault."""
    return JSONResponse(set_fault(request.app.state.world, await _json_object(request)), 201)


async def clear_faults(request: Request) -> JSONResponse:
    """Lift all faults."""
    request.app.state.world.faults.clear()
    return JSONResponse({"data": []})


async def lift_fault(request: Request) -> JSONResponse:
    """Lift one fault; 404 if it is not in force."""
    fault_id = request.path_params["fault"]
    if not request.app.state.world.faults.remove(fault_id):
        return JSONResponse({"error": {"message": f"no fault {fault_id} is in force"}}, 404)
    return JSONResponse({"id": fault_id, "lifted": True})


async def list_inbox(request: Request) -> JSONResponse:
    """Show what arrived, newest first, of one channel and one recipient if asked for."""
    query = request.query_params
    messages = request.app.state.world.inbox.list(query.get("channel"), query.get("to"))
    return JSONResponse({"data": messages})


async def list_deliveries(request: Request) -> JSONResponse:
    """Show the webhooks that went out, newest first, of one reference if asked for."""
    world: World = request.app.state.world
    return JSONResponse({"data": world.dispatcher.deliveries(request.query_params.get("reference"))})


async def summarize(request: Request) -> JSONResponse:
    """Count what there is."""
    world: World = request.app.state.world
    return JSONResponse({"clock": clock_document(world), "counts": state_summary(world)})


async def reset(request: Request) -> JSONResponse:
    """Forget everything but the push account's key, which clients have already loaded."""
    world: World = request.app.state.world
    kept_account = world.objects.get(fcm.ACCOUNT_KIND, fcm.ACCOUNT_ID)
    world.objects.clear()
    if kept_account is not None:
        world.objects.put(fcm.ACCOUNT_KIND, kept_account)
    return JSONResponse({"status": "reset"})


async def push_account(request: Request) -> JSONResponse:
    """Hand out the account that may send pushes, key included: it is good for nothing but this simulator."""
    return JSONResponse(fcm.service_account_document(request.app.state.world))


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise ControlError("the body is not JSON") from None
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    return body


def _explain(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(str(step) for step in it['loc'])}: {it['msg']}" for it in error.errors())
