"""The network's desk: what cardholders dispute, and how the network answers."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from simulator.page.desk import RefusedError, ask, form_of, go_to
from simulator.page.rendering import page

_MOST_SHOWN = 100
_ANSWERS = (
    ("credit", "Credit for now"),
    ("take_back", "Take back"),
    ("won", "Cardholder wins"),
    ("lost", "Merchant wins"),
)


async def show(request: Request) -> Response:
    """Show the disputes, newest first, with what was said and shown."""
    found = await ask(request, "GET", f"/v1/issuing/disputes?limit={_MOST_SHOWN}&expand[]=data.transaction")
    return page(request, "disputes.html", disputes=found["data"], answers=_ANSWERS)


async def answer(request: Request) -> Response:
    """Let the network answer."""
    form = await form_of(request)
    dispute = quote(request.path_params["dispute"], safe="")
    try:
        await ask(
            request, "POST", f"/_sim/stripe/disputes/{dispute}", body={"answer": form.get("answer", "")}
        )
    except RefusedError as error:
        return go_to("/disputes", str(error))
    return go_to("/disputes")
