"""Faults: order trouble, see what is in force, lift it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from simulator.control import ControlError, set_fault
from simulator.faults import KINDS
from simulator.page.desk import form_of, go_to
from simulator.page.rendering import page

_NUMBERS = ("count", "delay_milliseconds", "status")


async def show(request: Request) -> Response:
    """Show the faults in force and the form that sets one."""
    kinds = {target: sorted(names) for target, names in KINDS.items()}
    return page(request, "faults.html", faults=request.app.state.world.faults.list(), kinds=kinds)


async def add(request: Request) -> Response:
    """Set a fault from the form; an empty count means until it is lifted."""
    form = await form_of(request)
    target, _, kind = form.get("trouble", "").partition(" ")
    selector = form.get("selector", "").strip() or "*"
    wish: dict[str, Any] = {"target": target, "kind": kind, "selector": selector, "count": None}
    try:
        wish |= {name: int(form[name]) for name in _NUMBERS if form.get(name, "").strip()}
        set_fault(request.app.state.world, wish)
    except ControlError as error:
        return go_to("/faults", str(error))
    except ValueError:
        return go_to("/faults", "Count, delay and status must be whole numbers.")
    return go_to("/faults")


async def lift(request: Request) -> Response:
    """Lift one fault, or all of them when none is named."""
    form = await form_of(request)
    if "fault" in form:
        request.app.state.world.faults.remove(form["fault"])
    else:
        request.app.state.world.faults.clear()
    return go_to("/faults")
