"""Webhooks of vendors: verified, stored once, acknowledged; the worker handles them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request, Response

from cardwright.core.errors import Malformed, NotFound
from cardwright.db import inbox
from cardwright.db.inbox import InboundMessage
from cardwright.http import strict
from cardwright.http.deps import SessionDep, provided

router = strict.router("/webhooks", "webhooks")


class WebhookSource(Protocol):
    """Knows one vendor's way to sign and to number its webhooks. Pure: it holds keys, it does no I/O."""

    def read(self, headers: Mapping[str, str], body: bytes, url: str) -> InboundMessage:
        """Verify and read a webhook; raises Unauthenticated or Malformed.

        `headers` are by lower-case name; `url` is the public address with its query, which some vendors sign.
        """
        ...


@dataclass(frozen=True, slots=True)
class WebhookSources:
    """The vendors that may call, by the last part of the path, and the address they know us under."""

    public_url: str
    by_name: Mapping[str, WebhookSource]


@router.post("/{source}", status_code=202, include_in_schema=False)
async def receive_webhook(
    source: str,
    request: Request,
    session: SessionDep,
    sources: Annotated[WebhookSources, Depends(provided(WebhookSources))],
) -> Response:
    """Store a genuine webhook; a repetition is acknowledged and has no second effect."""
    reader = sources.by_name.get(source)
    if reader is None:
        raise NotFound("webhook_source_unknown", "Nobody by that name sends webhooks here.")
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{sources.public_url}{request.url.path}{query}"
    message = reader.read(dict(request.headers), await request.body(), url)
    try:
        strict.ensure_storable([message.external_id, message.type, message.payload])
    except UnicodeError as error:
        raise Malformed("json_invalid", "The body has text that is no text.") from error
    await inbox.receive(session, message)
    return Response(status_code=202)
