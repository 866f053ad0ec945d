"""Routes: the devices that a person's push messages go to, and the key that browsers subscribe with."""

from typing import Annotated

from fastapi import Depends, Response

from cardwright.access import Actor, allow
from cardwright.core.errors import NotFound
from cardwright.http import strict
from cardwright.http.deps import ClockDep, IdempotencyDep, SessionDep, provided
from cardwright.http.strict import Id
from cardwright.notifications import service
from cardwright.notifications.browser_push import BrowserPush
from cardwright.notifications.device_schemas import DeviceAnswer, DeviceRegistration, PushKeyAnswer

router = strict.router("/v1", "notifications")
DeviceOwner = Annotated[Actor, Depends(allow("devices.write"))]
BrowserPushDep = Annotated[BrowserPush, Depends(provided(BrowserPush))]


@router.get("/push-key")
async def get_push_key(_actor: DeviceOwner, browsers: BrowserPushDep) -> PushKeyAnswer:
    """Show the public key (VAPID) that a page subscribes a browser with."""
    if browsers.public_key is None:
        raise NotFound("browser_push_unavailable", "Browsers get no push messages from this deployment.")
    return PushKeyAnswer(public_key=browsers.public_key)


@router.post("/devices", response_model=DeviceAnswer, status_code=201)
async def register_device(
    session: SessionDep,
    clock: ClockDep,
    actor: DeviceOwner,
    call: IdempotencyDep,
    browsers: BrowserPushDep,
    registration: DeviceRegistration,
) -> Response:
    """Send one's push messages to this device too: an app by its token, a browser by its subscription."""
    browser = registration.browser()
    if browser is not None:
        browsers.ensure_acceptable(browser)

    async def effect() -> DeviceAnswer:
        device = await service.register_device(
            session,
            program_id=actor.program_id,
            user_id=actor.user_id,
            platform=registration.platform,
            push_token=str(registration.push_token) if browser is None else browser.as_token(),
            at=clock.now(),
        )
        return DeviceAnswer(id=device.id, platform=device.platform, created_at=device.created_at)

    return await call.once(actor.user_id, effect, status=201)


@router.delete("/devices/{device_id}", status_code=204)
async def revoke_device(session: SessionDep, clock: ClockDep, actor: DeviceOwner, device_id: Id) -> None:
    """Send no more push messages to this device."""
    await service.revoke_device(session, user_id=actor.user_id, device_id=device_id, at=clock.now())
