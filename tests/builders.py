"""Builders that mirror the slices: what a test needs to exist, made through the public faces."""

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.access import Authenticators
from cardwright.adapters.stripe.realtime import StripeAuthorizationWire
from cardwright.authentication import AuthLimits, EmailCodes, SessionCookies, TokenSigner
from cardwright.core.clock import Clock
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import transaction
from cardwright.http.cross_site import CrossSiteGate
from cardwright.http.rate_limits import RateLimiter
from cardwright.payments import AuthorizationWire
from cardwright.programs import Program, ensure_program

AUTHORIZATION_SECRET = Sensitive("whsec_of_the_real_time_endpoint")
ISSUER = "https://cardwright.test"
_PEM = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def provided_for_tests(engine: AsyncEngine, clock: Clock) -> Mapping[type, Any]:
    """What wiring provides, without vendors: program, clock, keys, limits counted in this process."""
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
    signer = TokenSigner(Sensitive(_PEM), issuer=ISSUER, audience=ISSUER)
    gate = CrossSiteGate(ISSUER)
    cookies = SessionCookies(clock, gate)
    return {
        CrossSiteGate: gate,
        SessionCookies: cookies,
        Authenticators: Authenticators((cookies,)),
        Clock: clock,
        Program: program,
        RateLimiter: RateLimiter(None),
        AuthLimits: AuthLimits(),
        TokenSigner: signer,
        AuthorizationWire: StripeAuthorizationWire(AUTHORIZATION_SECRET),
        EmailCodes: EmailCodes(Sensitive("a key of e-mail codes, for tests only")),
    }
