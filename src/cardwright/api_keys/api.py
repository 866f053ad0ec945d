"""Routes: the API keys of developers."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright.access import Actor, allow
from cardwright.api_keys import service
from cardwright.api_keys.schemas import ApiKeyInput, ApiKeyOutput, NewApiKeyOutput, RotationInput
from cardwright.api_keys.text import Environment
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.pagination import Cursor, Limit, Page, page
from cardwright.http.strict import Id

router = strict.router("/v1/api-keys", "api keys")

Reader = Annotated[Actor, Depends(allow("api_keys.read"))]
Maker = Annotated[Actor, Depends(allow("api_keys.write", step_up=True))]
Revoker = Annotated[Actor, Depends(allow("api_keys.revoke"))]
EnvironmentDep = Annotated[Environment, Depends(provided(Environment))]


@router.post("", status_code=201, response_model=NewApiKeyOutput)
async def create_api_key(
    body: ApiKeyInput, actor: Maker, environment: EnvironmentDep, call: IdempotencyDep
) -> Response:
    """Make a key for a program of yours; its text is shown this once. Needs a recently used factor.

    A key can do what its scopes name and your roles permit at the moment of each request.
    """

    async def effect() -> NewApiKeyOutput:
        made = await service.create_key(
            call.session, body.wanted(), environment, owner=actor.principal, at=call.clock.now()
        )
        return NewApiKeyOutput.shown_once(*made)

    return await call.once(actor.user_id, effect, kept=NewApiKeyOutput.withheld)


@router.get("")
async def list_api_keys(
    actor: Reader, session: SessionDep, limit: Limit = 20, cursor: Cursor = None
) -> Page[ApiKeyOutput]:
    """List your keys, newest first; for administrators, everybody's."""
    found = await service.list_keys(session, viewer=actor.viewer, before=cursor, limit=limit + 1)
    return page(found, limit, show=ApiKeyOutput.of, cursor_of=lambda key: key.id)


@router.get("/{api_key_id}")
async def get_api_key(api_key_id: Id, actor: Reader, session: SessionDep) -> ApiKeyOutput:
    """Show one of your keys; for administrators, anybody's."""
    return ApiKeyOutput.of(await service.get_key(session, api_key_id, viewer=actor.viewer))


@router.post("/{api_key_id}/rotate", status_code=201, response_model=NewApiKeyOutput)
async def rotate_api_key(
    api_key_id: Id, body: RotationInput, actor: Maker, environment: EnvironmentDep, call: IdempotencyDep
) -> Response:
    """Make a successor of one of your keys; both count for a while. Needs a recently used factor."""

    async def effect() -> NewApiKeyOutput:
        made = await service.replace_key(
            call.session, api_key_id, environment, owner=actor.principal, expires_at=body.expires_at,
            overlap=body.overlap(), at=call.clock.now(),
        )  # fmt: skip
        return NewApiKeyOutput.shown_once(*made)

    return await call.once(actor.user_id, effect, kept=NewApiKeyOutput.withheld)


@router.delete("/{api_key_id}", status_code=204)
async def revoke_api_key(api_key_id: Id, actor: Revoker, session: SessionDep, clock: ClockDep) -> None:
    """End one of your keys at once; for administrators, anybody's."""
    await service.revoke_key(session, api_key_id, viewer=actor.viewer, by=actor.user_id, at=clock.now())
