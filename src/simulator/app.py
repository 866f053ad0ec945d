"""The application: every provider's routes on one listener, and the mail server beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware

from simulator import acs, control, fcm, onfido, page, receivers, stripe, twilio, visa
from simulator.mail import MailSink
from simulator.outages import OutageMiddleware
from simulator.world import World


def create_app(world: World) -> Starlette:
    """Build the application; its lifespan opens the mail server and starts what happens by itself."""
    app = Starlette(
        # Stripe comes last: it answers every path of /v1 that is left over.
        routes=[
            *page.routes(),
            *control.routes(),
            *twilio.routes(),
            *twilio.control_routes(),
            *fcm.routes(),
            *acs.Api(world.acs, world.settings.acs_api_key).routes(),
            *onfido.Api(world.onfido, world.settings).routes(),
            *visa.routes(),
            *receivers.routes(),
            *stripe.stripe_routes(world.stripe),
        ],
        middleware=[Middleware(OutageMiddleware, faults=world.faults)],
        exception_handlers={
            acs.AcsError: acs.render_error,
            control.ControlError: control.render_error,
            fcm.GoogleError: fcm.render_google_error,
            fcm.OAuthError: fcm.render_oauth_error,
            onfido.OnfidoError: onfido.render_error,
            page.RefusedError: page.render_refusal,
            twilio.TwilioError: twilio.render_error,
        },
        lifespan=_lifespan,
    )
    app.state.world = world
    app.state.sms_delivery = twilio.SmsDelivery(world)
    app.state.mail = MailSink(
        world.inbox, world.faults, host=world.settings.host, port=world.settings.smtp_port
    )
    port = world.settings.visa_port
    app.state.visa = visa.VisaListener(world, port, world.settings.visa_folder) if port else None
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    state = app.state
    fcm.ensure_service_account(state.world)
    await state.mail.start()
    await state.world.start()
    state.sms_delivery.resume()
    if state.visa is not None:
        await state.visa.start()
    try:
        yield
    finally:
        if state.visa is not None:
            await state.visa.stop()
        await state.sms_delivery.aclose()
        await state.mail.stop()
        await state.world.stop()
