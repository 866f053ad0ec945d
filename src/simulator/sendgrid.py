"""The controls of what SendGrid tells about e-mails: where it goes, and what it is verified with."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.control import ControlError
from simulator.email_events import verification_key


def control_routes() -> list[Route]:
    """The controls of what is told about e-mails."""
    return [
        Route("/_sim/mail/endpoint", set_endpoint, methods=["POST"]),
        Route("/_sim/mail/verification-key", show_key, methods=["GET"]),
    ]


async def set_endpoint(request: Request) -> JSONResponse:
    """Set where events go, {"url"}, as one does once in SendGrid's console."""
    try:
        url = (await request.json())["url"]
    except (ValueError, KeyError, TypeError):
        raise ControlError("the body must be a JSON object with the url of an endpoint") from None
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise ControlError("url must be a web address")
    request.app.state.world.email_events.set_endpoint(url)
    return JSONResponse({"url": url})


async def show_key(_request: Request) -> JSONResponse:
    """Show what the events are verified with."""
    return JSONResponse({"verification_key": verification_key()})
