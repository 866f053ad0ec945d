"""Builders that mirror the slices: what a test needs to exist, made through the public faces."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy.ext.asyncio import AsyncEngine

from cardwright.access import Authenticators, FactorDirectory
from cardwright.adapters.document_folder import FolderDocumentStore
from cardwright.adapters.guarded_http import OutboundPolicy
from cardwright.adapters.key_file import FileKeyProvider, add_key
from cardwright.adapters.stripe.realtime import StripeAuthorizationWire
from cardwright.adapters.web_push import WebPushSender
from cardwright.adapters.webhook_sender import HttpWebhookSender
from cardwright.api_keys import ApiKeys, Environment
from cardwright.approvals import ApprovalKinds
from cardwright.authentication import (
    AccountLinks,
    AuthLimits,
    EmailCodes,
    EnrolledFactors,
    OpenIdProviders,
    RelyingParty,
    SessionCookies,
)
from cardwright.backtests import RecentAuthorizations, Room
from cardwright.cards import CardProcessors, UsesBook, owners_of_last4
from cardwright.core.clock import Clock, SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.db.session import create_engine, transaction
from cardwright.disputes import DisputeRules
from cardwright.encryption import Keyring, SealedColumn, with_keyring
from cardwright.events import Retention, WaitingRoom
from cardwright.files import Reencoder
from cardwright.http.cross_site import CrossSiteGate
from cardwright.http.rate_limits import RateLimiter
from cardwright.kyc import DocumentRoom, DocumentRules, IdentityRules, ScreeningRules
from cardwright.notifications import BrowserPush, ChannelRules, LiveHub, LiveRules, NoSignals
from cardwright.oauth import AccessTokens, AuthorizationServer, UsedProofs, ensure_signing_keys
from cardwright.payments import AuthorizationWire, StandIn, uses_of
from cardwright.programs import Program, ensure_program
from cardwright.rules import PastAuthorizations
from cardwright.sealing import CheckpointSigner
from cardwright.users import Holdbacks, OwnersByCard, SmsRules
from cardwright.webhooks import WebhookSender
from cardwright.wiring import APPROVAL_KINDS, HOLDBACKS, SEALED_COLUMNS

AUTHORIZATION_SECRET = Sensitive("whsec_of_the_real_time_endpoint")
ISSUER = "https://cardwright.test"
LOOPBACK = OutboundPolicy.of(("127.0.0.1/32",), is_http_allowed=True)
"""Where receivers of tests listen."""


def new_key_pem() -> str:
    """A fresh Ed25519 key."""
    return key_pem(token_bytes(32))


def key_pem(seed: bytes) -> str:
    """The Ed25519 key of a seed of 32 bytes."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


# A stream of tests that do not mean it tells what is there and ends.
BRIEF = LiveRules(longest=timedelta(0))
WEB_PUSH_KEY = Sensitive("Zm9yIHRlc3RzIG9ubHksIGFuZCBmb3Igbm90aGluZyE")
AUDIT_KEY = Sensitive(new_key_pem())
_FOLDER = tempfile.TemporaryDirectory(prefix="cardwright-keys-")
KEY_FILE = Path(_FOLDER.name) / "kek.json"
"""What a process and the tests beside it share, so that each can open what the other sealed."""
add_key(KEY_FILE, is_demo=True)


def engine_for_tests(
    database_url: str, *, columns: Sequence[SealedColumn] = SEALED_COLUMNS, **options: Any
) -> AsyncEngine:
    """An engine with a keyring of its own, as every process has one."""
    return with_new_keyring(create_engine(database_url, **options), columns)


def with_new_keyring(engine: AsyncEngine, columns: Sequence[SealedColumn] = SEALED_COLUMNS) -> AsyncEngine:
    """The engine, with a keyring that has seen nothing yet."""
    return with_keyring(engine, Keyring(FileKeyProvider(KEY_FILE, accept_demo=True), columns, SystemClock()))


async def provided_for_tests(
    engine: AsyncEngine, clock: Clock, *, issuer: str = ISSUER
) -> Mapping[type, Any]:
    """What wiring provides, without vendors: program, clock, keys, limits counted in this process."""
    async with transaction(engine) as session:
        program = await ensure_program(session, slug="demo", name="Demo Program", currency="USD")
        await ensure_signing_keys(session, program.id, clock.now())
    server = AuthorizationServer(issuer, program.id, UsedProofs(engine))
    gate = CrossSiteGate(issuer)
    cookies = SessionCookies(clock, gate)
    return {
        ApprovalKinds: ApprovalKinds(APPROVAL_KINDS),
        Environment: Environment.TEST,
        CheckpointSigner: CheckpointSigner(AUDIT_KEY),
        CrossSiteGate: gate,
        SessionCookies: cookies,
        AuthorizationServer: server,
        Authenticators: Authenticators(
            (ApiKeys(clock, Environment.TEST, program_id=program.id), cookies, AccessTokens(server, clock))
        ),
        Clock: clock,
        Program: program,
        OpenIdProviders: OpenIdProviders({}, issuer),
        RateLimiter: RateLimiter(None),
        AuthLimits: AuthLimits(),
        CardProcessors: CardProcessors({}),
        DisputeRules: DisputeRules(),
        ScreeningRules: ScreeningRules(),
        IdentityRules: IdentityRules(),
        Retention: Retention(),
        WaitingRoom: WaitingRoom(),
        AuthorizationWire: StripeAuthorizationWire(AUTHORIZATION_SECRET),
        StandIn: StandIn(program.currency),
        FactorDirectory: EnrolledFactors(),
        WebhookSender: HttpWebhookSender(LOOPBACK, clock),
        LiveHub: LiveHub(program.id, partial(transaction, engine), NoSignals(), BRIEF),
        BrowserPush: WebPushSender(WEB_PUSH_KEY, "mailto:test@cardwright.example", LOOPBACK, clock),
        RelyingParty: RelyingParty.of(ISSUER, program.name),
        AccountLinks: AccountLinks(ISSUER),
        SmsRules: SmsRules(frozenset({"US", "GB", "DE"}), 100),
        ChannelRules: ChannelRules(),
        Holdbacks: HOLDBACKS,
        OwnersByCard: OwnersByCard(owners_of_last4),
        UsesBook: uses_of,
        # A folder for each program, and each test has a program of its own.
        PastAuthorizations: RecentAuthorizations(),
        Room: Room(Path(_FOLDER.name) / "backtests", memory_mib=512, threads=1),
        DocumentRoom: DocumentRoom(
            FolderDocumentStore(Path(_FOLDER.name) / "documents"), Reencoder(), DocumentRules()
        ),
        EmailCodes: EmailCodes(Sensitive("a key of e-mail codes, for tests only")),
    }


def full_limits(*limits: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Limits as the API shows them: with every member."""
    absent = dict.fromkeys(("amount", "count", "span_seconds", "only"))
    return [{**absent, **limit} for limit in limits]
