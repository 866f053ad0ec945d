"""How the pages reach the simulator's own API: over HTTP like anyone else, but without a socket."""

from typing import Any
from urllib.parse import quote

import httpx
from starlette.requests import Request
from starlette.responses import RedirectResponse


class RefusedError(Exception):
    """The API said no, or nothing of use; the text says why, the status is the API's."""

    def __init__(self, message: str, status: int = 502) -> None:
        super().__init__(message)
        self.status = status


async def ask(
    request: Request,
    method: str,
    path: str,
    *,
    form: dict[str, str] | None = None,
    body: dict[str, Any] | None = None,
    key: str | None = None,
) -> dict[str, Any]:
    """Call the API and return its answer; RefusedError if it is an error.

    The key is the account's secret one unless another provider's is given.
    """
    key = key or request.app.state.world.settings.stripe_secret_key
    transport = httpx.ASGITransport(app=request.app)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://simulator", headers=headers) as client:
        answer = await client.request(method, path, data=form, json=body)
    try:
        document: dict[str, Any] = answer.json()
    except ValueError:
        raise RefusedError("The call got no usable answer; a fault may be in force.") from None
    if answer.is_error:
        problem = document.get("error", {}).get("message", "The call was refused.")
        raise RefusedError(str(problem), answer.status_code)
    return document


async def form_of(request: Request) -> dict[str, str]:
    """Return the text fields of a posted form."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def go_to(path: str, problem: str | None = None) -> RedirectResponse:
    """Send the browser to another page after a post, with what went wrong, if anything."""
    separator = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{separator}problem={quote(problem)}" if problem else path, 303)
