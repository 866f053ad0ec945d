"""Routes: webhook endpoints of holders and of the program."""

from typing import Annotated

from fastapi import Depends, Path, Response

from cardwright.access import Actor, allow
from cardwright.core.ids import ID_PATTERN
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.webhooks import service
from cardwright.webhooks.ports import WebhookSender
from cardwright.webhooks.schemas import (
    EndpointChanges,
    EndpointInput,
    EndpointOutput,
    NewSecretOutput,
    SecretRotation,
)

router = strict.router("/v1/webhook-endpoints", "webhooks")

Reader = Annotated[Actor, Depends(allow("webhooks.read"))]
Writer = Annotated[Actor, Depends(allow("webhooks.write"))]
Maker = Annotated[Actor, Depends(allow("webhooks.write", step_up=True))]
SenderDep = Annotated[WebhookSender, Depends(provided(WebhookSender))]
EndpointId = Annotated[str, Path(pattern=ID_PATTERN, max_length=40)]


@router.post("", status_code=201, response_model=NewSecretOutput)
async def create_webhook_endpoint(
    body: EndpointInput, actor: Maker, sender: SenderDep, call: IdempotencyDep
) -> Response:
    """Have events posted to a URL; its secret is shown this once. Needs a recently used factor.

    A holder hears of what is about them, staff of what happens in the program. Messages follow Standard
    Webhooks 1.0: verify them with one of its libraries.
    """

    async def effect() -> NewSecretOutput:
        made = await service.create_endpoint(
            call.session, sender, body.draft(), by=actor, at=call.clock.now()
        )
        return NewSecretOutput.shown_once(made)

    return await call.once(actor.user_id, effect, kept=NewSecretOutput.withheld)


@router.get("")
async def list_webhook_endpoints(
    actor: Reader, session: SessionDep, clock: ClockDep, limit: Limit = 20, cursor: Cursor = None
) -> Page[EndpointOutput]:
    """List your endpoints, newest first; for staff, the program's and those of all holders."""
    found = await service.list_endpoints(
        session, viewer=actor.viewer, before=cursor, limit=limit + 1, at=clock.now()
    )
    return page(found, limit, show=EndpointOutput.of, cursor_of=lambda shown: shown.endpoint.id)


@router.get("/{webhook_endpoint_id}")
async def get_webhook_endpoint(
    webhook_endpoint_id: EndpointId, actor: Reader, session: SessionDep, clock: ClockDep
) -> EndpointOutput:
    """Show an endpoint, with the public keys of `v1a`."""
    shown = await service.get_endpoint(session, webhook_endpoint_id, viewer=actor.viewer, at=clock.now())
    return EndpointOutput.of(shown)


@router.patch("/{webhook_endpoint_id}")
async def change_webhook_endpoint(
    webhook_endpoint_id: EndpointId, body: EndpointChanges, actor: Writer, sender: SenderDep,
    session: SessionDep, clock: ClockDep,
) -> EndpointOutput:  # fmt: skip
    """Change an endpoint, or switch it off or on; the next message goes by what it is then.

    Another URL needs a recently used factor. Of a holder's endpoint staff only switches it off or on.
    """
    shown = await service.change_endpoint(
        session, sender, webhook_endpoint_id, body.changes(), by=actor, at=clock.now()
    )
    return EndpointOutput.of(shown)


@router.delete("/{webhook_endpoint_id}", status_code=204)
async def delete_webhook_endpoint(
    webhook_endpoint_id: EndpointId, actor: Writer, session: SessionDep, clock: ClockDep
) -> None:
    """End an endpoint for good: nothing more is sent there, and its keys are gone."""
    await service.delete_endpoint(session, webhook_endpoint_id, by=actor, at=clock.now())


@router.post("/{webhook_endpoint_id}/rotate-secret", status_code=201, response_model=NewSecretOutput)
async def rotate_webhook_secret(
    webhook_endpoint_id: EndpointId, body: SecretRotation, actor: Maker, call: IdempotencyDep
) -> Response:
    """Give an endpoint of yours new keys; the old ones sign beside them for a while.

    Needs a recently used factor. Staff rotates those of the program's own endpoints only. Doing it again, say
    because the answer got lost, ends nothing earlier than was promised.
    """

    async def effect() -> NewSecretOutput:
        opened = await service.rotate_keys(
            call.session, webhook_endpoint_id, overlap=body.overlap(), by=actor, at=call.clock.now()
        )
        return NewSecretOutput.shown_once(opened)

    return await call.once(actor.user_id, effect, kept=NewSecretOutput.withheld)
