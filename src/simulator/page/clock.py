"""The clock: let time pass."""

from starlette.requests import Request
from starlette.responses import Response

from simulator.control import ControlError, move_clock
from simulator.page.desk import form_of, go_to
from simulator.page.rendering import page

_SECONDS_PER = {"minutes": 60, "hours": 3600, "days": 86400}
_STRIDES = (
    (3600, "1 hour"),
    (86_400, "1 day"),
    (7 * 86_400, "7 days"),
    (8 * 86_400, "8 days"),
    (31 * 86_400, "31 days"),
)


async def show(request: Request) -> Response:
    """Show what time it is in here."""
    clock = request.app.state.world.clock
    facts = {"offset_seconds": clock.offset_seconds, "strides": _STRIDES, "units": list(_SECONDS_PER)}
    return page(request, "clock.html", **facts)


async def advance(request: Request) -> Response:
    """Move the clock by as many of a unit as the form says."""
    form = await form_of(request)
    amount, seconds_per = form.get("amount", ""), _SECONDS_PER.get(form.get("unit", ""), 1)
    if not (amount.isascii() and amount.isdigit()):
        return go_to("/clock", "The amount of time must be a whole number.")
    try:
        move_clock(request.app.state.world, {"seconds": int(amount[:12]) * seconds_per})
    except ControlError as error:
        return go_to("/clock", str(error))
    return go_to("/clock")
