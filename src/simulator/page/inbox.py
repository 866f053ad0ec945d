"""The inbox: a phone with its texts and pushes beside the e-mails."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from simulator.inbox import KIND
from simulator.page.desk import RefusedError, ask, form_of, go_to
from simulator.page.rendering import fragment, page
from simulator.world import World

_MAIL_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_MOST_SHOWN = 100


async def show(request: Request) -> Response:
    """Show the messages, of one channel and one recipient if asked for."""
    channel, to = request.query_params.get("channel", ""), request.query_params.get("to", "").strip()
    address = f"/inbox/fragment?{urlencode({'channel': channel, 'to': to})}"
    return page(request, "inbox.html", channel=channel, to=to, fragment=address, **_messages(request))


async def show_fragment(request: Request) -> Response:
    """Answer with the messages alone, for the page to swap in."""
    return fragment("messages.html", **_messages(request))


async def reply(request: Request) -> Response:
    """Let the owner of a phone number write back."""
    form = await form_of(request)
    to = form.get("to", "").strip()
    address = f"/inbox?{urlencode({'to': to})}"
    try:
        await ask(request, "POST", "/_sim/twilio/messages", body={"from": to, "body": form.get("body", "")})
    except RefusedError as error:
        return go_to(address, str(error))
    return go_to(address)


async def show_html_part(request: Request) -> Response:
    """Show an e-mail as its sender designed it, locked in: no scripts, nothing loaded from elsewhere."""
    world: World = request.app.state.world
    message = world.objects.get(KIND, request.path_params["message"])
    if message is None or not message["html"]:
        return HTMLResponse("There is no such message.", 404)
    return HTMLResponse(message["html"], headers={"Content-Security-Policy": _MAIL_POLICY})


def _messages(request: Request) -> dict[str, Any]:
    world: World = request.app.state.world
    channel, to = request.query_params.get("channel", ""), request.query_params.get("to", "").strip()
    found = world.inbox.list(channel or None, to or None)
    return {
        "phone": [message for message in found if message["channel"] != "email"][:_MOST_SHOWN],
        "mails": [message for message in found if message["channel"] == "email"][:_MOST_SHOWN],
    }
