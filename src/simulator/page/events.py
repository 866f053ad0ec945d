"""Events: what was told to whom by webhook, and what came back."""

from starlette.requests import Request
from starlette.responses import Response

from simulator.page.rendering import page
from simulator.world import World

_MOST_SHOWN = 200


async def show(request: Request) -> Response:
    """Show the latest deliveries, of one reference if asked for."""
    world: World = request.app.state.world
    deliveries = world.dispatcher.deliveries(request.query_params.get("reference"))
    return page(request, "events.html", deliveries=deliveries[:_MOST_SHOWN], total=len(deliveries))
