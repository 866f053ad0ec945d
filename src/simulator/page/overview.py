"""The first page: what is here, how to reach it, and what misbehaves on purpose."""

from starlette.requests import Request
from starlette.responses import Response

from simulator.control import state_summary
from simulator.page.rendering import page
from simulator.world import World

_MISBEHAVING = (
    ("+15005550001", "refused as a number: error 21211"),
    ("+15005550004", "has unsubscribed: error 21610"),
    ("+150055530003", "phone out of reach: undelivered, error 30003"),
    ("+150055530001", "never leaves the queue: failed, error 30001"),
    ("unregistered…", "device token that FCM no longer knows: 404"),
    ("quota… / unavailable…", "device tokens that FCM answers with 429 / 503"),
    ("bounce…@any.example", "mailbox that answers 550"),
)


async def show(request: Request) -> Response:
    """Show the overview."""
    world: World = request.app.state.world
    settings = world.settings
    addresses = (
        ("HTTP", settings.base_url),
        ("SMTP", f"{settings.host}:{request.app.state.mail.port}"),
        ("Stripe key", settings.stripe_secret_key),
        ("Twilio account", settings.twilio_account_sid),
        ("Twilio token", settings.twilio_auth_token),
        ("Twilio number", ", ".join(settings.twilio_numbers)),
        ("Push project", settings.fcm_project),
        ("Push account", f"{settings.base_url}/_sim/fcm/service-account.json"),
    )
    counts = state_summary(world)
    return page(request, "overview.html", counts=counts, addresses=addresses, misbehaving=_MISBEHAVING)
