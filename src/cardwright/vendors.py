"""The vendors of a deployment, as its settings name them: everything that speaks to somebody outside."""

import json
import sys
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from stripe import StripeClient

from cardwright.adapters import acs, sendgrid, twilio_replies
from cardwright.adapters.acs import AcsChallengeServer, AcsWebhook
from cardwright.adapters.document_folder import FolderDocumentStore
from cardwright.adapters.fcm import FcmPushSender
from cardwright.adapters.guarded_http import OutboundPolicy
from cardwright.adapters.onfido import webhooks as onfido_webhooks
from cardwright.adapters.onfido.client import OnfidoClient, base_url_of
from cardwright.adapters.onfido.identity import OnfidoIdentityVerifier
from cardwright.adapters.onfido.webhooks import OnfidoWebhook
from cardwright.adapters.openid import OpenIdConnectProvider
from cardwright.adapters.push_by_platform import PushByPlatform
from cardwright.adapters.sendgrid import SendGridWebhook
from cardwright.adapters.smtp import SmtpEmailSender
from cardwright.adapters.stripe.client import make_client
from cardwright.adapters.stripe.disputes import StripeDisputeNetwork
from cardwright.adapters.stripe.funding import StripeFundingGateway
from cardwright.adapters.stripe.identity import StripeIdentityVerifier
from cardwright.adapters.stripe.issuing import StripeCardNetwork, StripeCardProcessor
from cardwright.adapters.stripe.payment_methods import StripeMethodGateway
from cardwright.adapters.stripe.realtime import StripeAuthorizationWire
from cardwright.adapters.stripe.refunds import StripeRefundGateway
from cardwright.adapters.stripe.reporting import StripeReporter
from cardwright.adapters.stripe.top_up_disputes import StripeDisputeGateway
from cardwright.adapters.stripe.webhooks import StripeWebhook
from cardwright.adapters.twilio import TwilioSmsSender
from cardwright.adapters.twilio_replies import TwilioReplyWebhook
from cardwright.adapters.twilio_status import TwilioStatusWebhook
from cardwright.adapters.valkey_signals import ValkeySignals
from cardwright.adapters.visa.client import VisaAccess, VisaClient
from cardwright.adapters.visa.virtual_accounts import VisaCardProcessor
from cardwright.adapters.web_push import WebPushSender
from cardwright.adapters.webhook_sender import HttpWebhookSender
from cardwright.authentication import (
    EmailCodes,
    OpenIdProviders,
)
from cardwright.cards import CardProcessor, CardProcessors, TestShop
from cardwright.challenges import ChallengeServer
from cardwright.core.clock import Clock, SystemClock
from cardwright.core.sensitive import Sensitive
from cardwright.disputes import CreditPolicy, DisputeNetwork, DisputeRules
from cardwright.files import Reencoder
from cardwright.funding import (
    DisputeGateway,
    FundingGateway,
    MethodGateway,
    MethodReturn,
    RefundGateway,
    TopUpReturn,
)
from cardwright.http.webhooks_in import WebhookSource, WebhookSources
from cardwright.kyc import (
    MANUAL,
    DocumentRoom,
    DocumentRules,
    DocumentStore,
    IdentityVerifier,
    IdentityVerifiers,
    ManualVerifier,
)
from cardwright.message_settings import SmtpSettings
from cardwright.notifications import (
    BrowserPush,
    Caps,
    Chain,
    ChannelRules,
    EmailSender,
    NoBrowserPush,
    NoSignals,
    Provider,
    PushSender,
    Signals,
    SmsPrices,
    SmsSender,
)
from cardwright.payments import AuthorizationWire, CardNetwork, StandIn
from cardwright.programs import Program
from cardwright.reconciliation import Reporters
from cardwright.settings import DocumentSettings, Settings

# httpx asks for it in every request, and what is missing is looked for in all folders: a millisecond each.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]


def secret(value: SecretStr) -> Sensitive:
    """Return a setting that no log shows."""
    return Sensitive(value.get_secret_value())


def openid_providers(settings: Settings) -> OpenIdProviders:
    """Return who people may sign in with instead of a password."""
    is_demo = settings.environment == "demo"
    by_id = {
        provider_id: OpenIdConnectProvider(
            known.name, known.issuer, known.client_id, secret(known.client_secret), accepts_loopback=is_demo
        )
        for provider_id, known in settings.openid.items()
    }
    return OpenIdProviders(by_id, settings.public_url)


def gateways(settings: Settings) -> dict[type, Any]:
    """Return what issues cards, moves money, verifies identities and asks people at a purchase."""
    return {**_stripe(settings), **_acs(settings)}


def _stripe(settings: Settings) -> dict[type, Any]:
    client = make_client(secret(settings.stripe.api_key), settings.stripe.base_url)
    return {
        IdentityVerifiers: _identity_verifiers(settings, client),
        FundingGateway: StripeFundingGateway(client),
        RefundGateway: StripeRefundGateway(client),
        MethodGateway: StripeMethodGateway(client),
        DisputeGateway: StripeDisputeGateway(client),
        TopUpReturn: TopUpReturn(f"{settings.public_url}/top-ups"),
        MethodReturn: MethodReturn(f"{settings.public_url}/payment-methods"),
        CardProcessors: _card_processors(settings, client),
        TestShop: TestShop(settings.web.test_shop),
        CardNetwork: StripeCardNetwork(client),
        DisputeNetwork: StripeDisputeNetwork(client),
        DisputeRules: DisputeRules(CreditPolicy(settings.program.provisional_credit)),
        Reporters: Reporters([StripeReporter(client)]),
        AuthorizationWire: StripeAuthorizationWire(secret(settings.stripe.authorization_secret)),
        StandIn: StandIn(
            settings.program.currency,
            settings.program.stand_in_approve_up_to,
            timedelta(milliseconds=settings.program.stand_in_after_ms),
        ),
    }


def _acs(settings: Settings) -> dict[type, Any]:
    if settings.acs is None:
        return {}
    return {ChallengeServer: AcsChallengeServer(settings.acs.base_url, secret(settings.acs.api_key))}


def _identity_verifiers(settings: Settings, client: StripeClient) -> IdentityVerifiers:
    return_url = f"{settings.public_url}/verified"
    by_name: dict[str, IdentityVerifier] = {
        "stripe": StripeIdentityVerifier(client, return_url=return_url),
        MANUAL: ManualVerifier(),
    }
    onfido = settings.onfido
    if onfido is not None:
        base_url = onfido.base_url or base_url_of(onfido.region)
        by_name["onfido"] = OnfidoIdentityVerifier(
            OnfidoClient(base_url, secret(onfido.api_token)), onfido.workflow_id, return_url=return_url
        )
    return IdentityVerifiers(by_name, settings.identity_verifiers)


def _card_processors(settings: Settings, client: StripeClient) -> CardProcessors:
    by_name: dict[str, CardProcessor] = {"stripe": StripeCardProcessor(client)}
    visa = settings.visa
    if visa is not None:
        access = VisaAccess(
            visa.base_url, visa.user_id, secret(visa.password), secret(visa.api_key),
            secret(visa.shared_secret), visa.client_certificate, visa.client_key, visa.authority,
            visa.message_key_id, visa.message_certificate, visa.message_key, visa.client_id, visa.buyer_id,
            visa.proxy_pool_id,
        )  # fmt: skip
        clock = SystemClock()
        by_name["visa"] = VisaCardProcessor(VisaClient(access, clock), clock)
    return CardProcessors(by_name, settings.card_processor)


def messages(settings: Settings, clock: Clock) -> dict[type, Any]:
    """Return what brings messages to people: of each channel its providers in the order they are asked."""
    fcm, browsers = settings.fcm, _web_push(settings, clock)
    apps = FcmPushSender(json.loads(fcm.service_account_file.read_text()), fcm.base_url)
    report_to = f"{settings.public_url}/webhooks/twilio"
    return {
        SmsSender: Chain(
            clock,
            [
                Provider(
                    _named("twilio", place),
                    TwilioSmsSender(it.account_sid, secret(it.auth_token), it.sender, it.base_url, report_to),
                )
                for place, it in enumerate((settings.twilio, *settings.sms.fallbacks))
            ],
        ),
        EmailSender: Chain(
            clock,
            [
                Provider(_named("smtp", place), _smtp(it))
                for place, it in enumerate((settings.smtp, *settings.email.fallbacks))
            ],
        ),
        PushSender: Chain(clock, [Provider("fcm", PushByPlatform(apps, browsers))]),
        BrowserPush: browsers or NoBrowserPush(),
        ChannelRules: _channel_rules(settings),
    }


def _smtp(smtp: SmtpSettings) -> SmtpEmailSender:
    password = secret(smtp.password) if smtp.password else None
    return SmtpEmailSender(smtp.host, smtp.port, smtp.username, password, smtp.sender, smtp.start_tls)


def _named(kind: str, place: int) -> str:
    return kind if place == 0 else f"{kind}_{place + 1}"


def _channel_rules(settings: Settings) -> ChannelRules:
    caps, sms = settings.message_caps, settings.sms
    prices = SmsPrices(sms.currency, sms.prices, sms.price_otherwise, sms.spend_per_day, sms.spend_per_month)
    return ChannelRules(
        Caps(
            {"sms": caps.sms, "push": caps.push, "email": caps.email},
            {"sms": caps.sms_essential, "push": caps.push_essential, "email": caps.email_essential},
        ),
        prices,
    )


def signals(settings: Settings) -> Signals:
    """Return what wakes the streams of other processes."""
    return ValkeySignals(settings.redis_url) if settings.redis_url else NoSignals()


def _web_push(settings: Settings, clock: Clock) -> WebPushSender | None:
    chosen = settings.web_push
    if chosen is None:
        return None
    return WebPushSender(secret(chosen.private_key), chosen.contact, outbound_policy(settings), clock)


def outbound_policy(settings: Settings) -> OutboundPolicy:
    """Return where requests to URLs that others chose may go."""
    outbound = settings.outbound
    return OutboundPolicy(
        outbound.allowed_networks, outbound.refused_networks, is_http_allowed=settings.environment == "demo"
    )


def webhook_sender(settings: Settings, clock: Clock) -> HttpWebhookSender:
    """Return what posts to the endpoints of developers and holders."""
    return HttpWebhookSender(outbound_policy(settings), clock)


def webhook_sources(settings: Settings, program: Program, clock: Clock) -> WebhookSources:
    """Return whom webhooks are heard from."""
    codes = EmailCodes(secret(settings.security.code_key))
    accounts = (settings.twilio, *settings.sms.fallbacks)
    twilio_tokens = [secret(account.auth_token) for account in accounts]
    sources: dict[str, WebhookSource] = {
        "stripe": StripeWebhook(secret(settings.stripe.webhook_secret), program_id=program.id, clock=clock),
        "twilio": TwilioStatusWebhook(twilio_tokens, program_id=program.id, clock=clock),
        twilio_replies.SOURCE: TwilioReplyWebhook(twilio_tokens, codes, program_id=program.id, clock=clock),
    }
    if settings.email.sendgrid_webhook_key is not None:
        sources[sendgrid.SOURCE] = SendGridWebhook(
            settings.email.sendgrid_webhook_key, codes, program_id=program.id, clock=clock
        )
    if settings.acs is not None:
        sources[acs.SOURCE] = AcsWebhook(
            secret(settings.acs.webhook_secret), program_id=program.id, clock=clock
        )
    if settings.onfido is not None:
        sources[onfido_webhooks.SOURCE] = OnfidoWebhook(
            secret(settings.onfido.webhook_token), program_id=program.id, clock=clock
        )
    return WebhookSources(settings.public_url, sources)


def document_room(settings: DocumentSettings) -> DocumentRoom:
    """Return where identity documents are kept, for how long, and what reads them."""
    rules = DocumentRules(
        timedelta(days=settings.keep_days), timedelta(days=settings.keep_days_after_closing)
    )
    return DocumentRoom(_document_store(settings), Reencoder(), rules)


def _document_store(settings: DocumentSettings) -> DocumentStore:
    if settings.store == "s3":
        # Only those who use the service need its SDK, which is large: the extra `aws`.
        from cardwright.adapters.aws_s3 import S3DocumentStore  # noqa: PLC0415

        return S3DocumentStore(settings.s3_bucket or "", settings.s3_region or "", settings.s3_endpoint_url)
    return FolderDocumentStore(settings.folder)
