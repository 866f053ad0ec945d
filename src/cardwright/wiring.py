"""Settings to collaborators: the only place that chooses a vendor."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

from cardwright import (
    authentication,
    backtests,
    cards,
    cases,
    challenges,
    disputes,
    encryption,
    funding,
    kyc,
    ledger,
    notifications,
    oauth,
    payments,
    reconciliation,
    rules,
    users,
    vault,
    vendors,
    webhooks,
)
from cardwright.access import Authenticators, FactorDirectory
from cardwright.adapters import acs, sendgrid, twilio_replies, twilio_status
from cardwright.adapters.key_file import FileKeyProvider
from cardwright.adapters.onfido import webhooks as onfido_webhooks
from cardwright.adapters.onfido.identity import OnfidoIdentityVerifier
from cardwright.adapters.stripe import inbox as stripe_inbox
from cardwright.adapters.valkey_signals import ValkeySignals
from cardwright.adapters.visa.virtual_accounts import VisaCardProcessor
from cardwright.api_keys import ApiKeys, Environment
from cardwright.approvals import ApprovalKind, ApprovalKinds
from cardwright.authentication import (
    AccountLinks,
    AuthLimits,
    EmailCodes,
    EnrolledFactors,
    OpenIdProviders,
    RelyingParty,
    SessionCookies,
)
from cardwright.backtests import Room
from cardwright.cards import CardProcessors, UsesBook
from cardwright.challenges import ChallengeServer
from cardwright.core.clock import Clock, SystemClock
from cardwright.db.jobs import Subscription
from cardwright.db.session import Session, create_engine, transaction
from cardwright.encryption import KeyProvider, Keyring, SealedColumn, with_keyring
from cardwright.events import Retention, WaitingRoom
from cardwright.http.cross_site import CrossSiteGate
from cardwright.http.rate_limits import RateLimiter
from cardwright.http.webhooks_in import WebhookSources
from cardwright.kyc import (
    DocumentRoom,
    IdentityRules,
    IdentityVerifiers,
    ScreeningRules,
)
from cardwright.notifications import EmailSender, LiveHub, LiveRules, PushSender, Signals, SmsSender
from cardwright.oauth import AccessTokens, AuthorizationServer, UsedProofs
from cardwright.observability import Answered, MeasuredWire
from cardwright.payments import AuthorizationWire, uses_of
from cardwright.programs import Program, ensure_program
from cardwright.rules import PastAuthorizations
from cardwright.sealing import CheckpointSigner
from cardwright.settings import AuditSettings, KeySettings, Settings
from cardwright.users import Holdbacks, OwnersByCard, SmsRules
from cardwright.webhooks import WebhookSender

SUBSCRIPTIONS: Final[tuple[Subscription, ...]] = (
    *authentication.SUBSCRIPTIONS,
    *kyc.SUBSCRIPTIONS,
    *cards.SUBSCRIPTIONS,
    *challenges.SUBSCRIPTIONS,
    *payments.SUBSCRIPTIONS,
    *funding.SUBSCRIPTIONS,
    *disputes.SUBSCRIPTIONS,
    *backtests.SUBSCRIPTIONS,
    *cases.SUBSCRIPTIONS,
    *reconciliation.SUBSCRIPTIONS,
    *notifications.SUBSCRIPTIONS,
    *webhooks.SUBSCRIPTIONS,
    *stripe_inbox.SUBSCRIPTIONS,
    *onfido_webhooks.SUBSCRIPTIONS,
    *acs.SUBSCRIPTIONS,
    *twilio_status.SUBSCRIPTIONS,
    *twilio_replies.SUBSCRIPTIONS,
    *sendgrid.SUBSCRIPTIONS,
)
"""Who hears of which event."""

APPROVAL_KINDS: Final[tuple[ApprovalKind, ...]] = (
    *users.APPROVAL_KINDS,
    *kyc.APPROVAL_KINDS,
    *oauth.APPROVAL_KINDS,
    *ledger.APPROVAL_KINDS,
    *rules.APPROVAL_KINDS,
)
"""What one person proposes and another approves."""

SEALED_COLUMNS: Final[tuple[SealedColumn, ...]] = (
    *authentication.SEALED_COLUMNS,
    *oauth.SEALED_COLUMNS,
    *users.SEALED_COLUMNS,
    *kyc.SEALED_COLUMNS,
    *challenges.SEALED_COLUMNS,
    *payments.SEALED_COLUMNS,
    *funding.SEALED_COLUMNS,
    *disputes.SEALED_COLUMNS,
    *cases.SEALED_COLUMNS,
    *notifications.SEALED_COLUMNS,
    *webhooks.SEALED_COLUMNS,
    *vault.SEALED_COLUMNS,
)
"""Everything that is encrypted at rest; what is missing here cannot be sealed."""
HOLDBACKS: Final = Holdbacks(
    (ledger.find_obstacles, cards.find_obstacles, funding.find_obstacles, disputes.find_obstacles)
)
"""What an account is held back from being closed for."""


def make_keyring(settings: KeySettings) -> Keyring:
    """Return the keys of this process; raise WeakKey for a key file that protects nothing."""
    return Keyring(_key_provider(settings), SEALED_COLUMNS, SystemClock())


def sealing_engine(database_url: str, provider: KeyProvider) -> AsyncEngine:
    """Return an engine for something small beside the product, with a keyring of its own."""
    return with_keyring(create_engine(database_url), Keyring(provider, SEALED_COLUMNS, SystemClock()))


def make_checkpoint_signer(settings: AuditSettings) -> CheckpointSigner:
    """Return what signs the audit trail; ValueError for a key that is not Ed25519."""
    return CheckpointSigner(vendors.secret(settings.signing_key_pem), settings.retired_keys_pem)


def make_engine(settings: KeySettings, keyring: Keyring) -> AsyncEngine:
    """Return an engine whose sessions can seal and open."""
    engine = create_engine(
        settings.database_url, pool_size=settings.database_pool_size, max_overflow=0, pool_timeout=5
    )
    return with_keyring(engine, keyring)


async def provide(settings: Settings, engine: AsyncEngine) -> Mapping[type, Any]:
    """Return the collaborators of the application and the worker, by the type they are asked for."""
    clock = SystemClock()
    gate = CrossSiteGate(settings.public_url)
    cookies = SessionCookies(clock, gate)
    environment = Environment.LIVE if settings.environment == "production" else Environment.TEST
    async with transaction(engine) as session:
        program = await ensure_program(
            session, slug=settings.program.slug, name=settings.program.name,
            currency=settings.program.currency,
        )  # fmt: skip
        await _prepare_oauth(session, settings, program, clock)
    server = _authorization_server(settings, program)
    return {
        Clock: clock,
        Program: replace(program, brand_color=settings.program.brand_color),
        RateLimiter: RateLimiter(settings.redis_url),
        AuthLimits: _auth_limits(settings),
        ApprovalKinds: ApprovalKinds(APPROVAL_KINDS),
        Environment: environment,
        CheckpointSigner: make_checkpoint_signer(settings.audit),
        CrossSiteGate: gate,
        SessionCookies: cookies,
        AuthorizationServer: server,
        Authenticators: Authenticators(
            (ApiKeys(clock, environment, program_id=program.id), cookies, AccessTokens(server, clock))
        ),
        AccountLinks: AccountLinks(settings.public_url),
        SmsRules: _sms_rules(settings),
        Holdbacks: HOLDBACKS,
        OwnersByCard: OwnersByCard(cards.owners_of_last4),
        UsesBook: uses_of,
        Room: backtest_room(settings),
        ScreeningRules: ScreeningRules(settings.screening.threshold),
        PastAuthorizations: backtests.RecentAuthorizations(),
        IdentityRules: IdentityRules(
            timedelta(days=settings.identity.approval_days),
            timedelta(days=settings.identity.expire_after_days),
            needs_selfie=settings.identity.needs_selfie,
        ),
        Retention: Retention(timedelta(days=settings.event_retention_days)),
        DocumentRoom: vendors.document_room(settings.documents),
        EmailCodes: EmailCodes(vendors.secret(settings.security.code_key)),
        FactorDirectory: EnrolledFactors(),
        RelyingParty: RelyingParty.of(settings.public_url, program.name),
        OpenIdProviders: vendors.openid_providers(settings),
        **_gateways(settings),
        **vendors.messages(settings, clock),
        WebhookSender: vendors.webhook_sender(settings, clock),
        WebhookSources: vendors.webhook_sources(settings, program, clock),
        **_live(settings, program, engine),
    }


def _gateways(settings: Settings) -> dict[type, Any]:
    found, answered = vendors.gateways(settings), Answered()
    return {
        **found, Answered: answered, AuthorizationWire: MeasuredWire(found[AuthorizationWire], answered)
    }  # fmt: skip


def _live(settings: Settings, program: Program, engine: AsyncEngine) -> dict[type, Any]:
    signals, chosen = vendors.signals(settings), settings.live
    rules = LiveRules(
        chosen.most_streams, chosen.most_per_person, longest=timedelta(seconds=chosen.longest_seconds)
    )
    return {
        Signals: signals, LiveHub: LiveHub(program.id, partial(transaction, engine), signals, rules),
        WaitingRoom: WaitingRoom(),
    }  # fmt: skip


async def _prepare_oauth(session: Session, settings: Settings, program: Program, clock: Clock) -> None:
    at = clock.now()
    await oauth.ensure_signing_keys(session, program.id, at)
    mobile = settings.oauth.mobile_redirect_uris
    if mobile:
        phones = oauth.mobile_client(program.name, mobile)
        await oauth.ensure_first_party_client(
            session, oauth.MOBILE_CLIENT_ID, phones, program_id=program.id, at=at
        )


def _authorization_server(settings: Settings, program: Program) -> AuthorizationServer:
    # A pool of its own: a request that holds a connection must never wait for another one of the same pool.
    proofs = create_engine(settings.database_url, pool_size=4, max_overflow=0, pool_timeout=5)
    issuer = settings.public_url.rstrip("/")
    return AuthorizationServer(
        issuer, program.id, UsedProofs(proofs), sign_in_page=settings.oauth.sign_in_page
    )


async def warm(provided: Mapping[type, Any], engine: AsyncEngine) -> None:
    """Do before the first authorization what it would have to wait for: connect, unwrap keys, compile."""
    async with transaction(engine) as session:
        await encryption.warm(session, provided[Program].id)
        await rules.active_rulebook(session, provided[Program].id)


async def close(provided: Mapping[type, Any]) -> None:
    """Close the connections that collaborators keep open."""
    for collaborator in (
        provided[EmailSender],
        provided[SmsSender],
        provided[PushSender],
        provided[WebhookSender],
        provided[LiveHub],
        *([provided[Signals]] if isinstance(provided[Signals], ValkeySignals) else []),
        provided[AuthorizationServer].used_proofs,
        *provided[OpenIdProviders].by_id.values(),
        *(it for it in provided[CardProcessors].by_name.values() if isinstance(it, VisaCardProcessor)),
        *(
            it
            for it in provided[IdentityVerifiers].by_name.values()
            if isinstance(it, OnfidoIdentityVerifier)
        ),
        *([provided[ChallengeServer]] if ChallengeServer in provided else []),
    ):
        await collaborator.aclose()


def backtest_room(settings: Settings) -> Room:
    """Return where backtests keep what they read, and what they may take of the machine."""
    given = settings.backtests
    return Room(given.folder.absolute(), given.memory_mib, given.threads)


def _sms_rules(settings: Settings) -> SmsRules:
    sms, relaxed = settings.sms, settings.limits.per_client
    if relaxed is None:
        return SmsRules(sms.countries, sms.most_per_day)
    return SmsRules.relaxed(sms.countries, relaxed)


def _auth_limits(settings: Settings) -> AuthLimits:
    relaxed = settings.limits.per_client
    return AuthLimits() if relaxed is None else AuthLimits.relaxed(relaxed)


def _key_provider(settings: KeySettings) -> KeyProvider:
    chosen = settings.encryption
    if chosen.provider == "aws-kms":
        # Only those who use the service need its SDK, which is large: the extra `aws`.
        from cardwright.adapters.aws_kms import KmsKeyProvider  # noqa: PLC0415

        return KmsKeyProvider(chosen.kms_key_id or "", chosen.kms_region or "", chosen.kms_endpoint_url)
    assert chosen.key_file is not None  # noqa: S101 - the settings saw to it
    return FileKeyProvider(chosen.key_file, accept_demo=settings.environment == "demo")


def configure_logging() -> None:
    """Make every log line one JSON object, exceptions included."""
    structlog.configure(
        processors=[
            # Of the request or the job that is worked on: its id stands in each line of it.
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            # Without local variables, which structlog shows by default: tokens may be among them.
            ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ]
    )
