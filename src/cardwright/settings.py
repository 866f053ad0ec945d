"""All configuration, from the environment: `CARDWRIGHT_STRIPE__API_KEY` is `settings.stripe.api_key`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    BaseModel,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from cardwright.message_settings import (
    EmailSettings,
    FcmSettings,
    LiveSettings,
    MessageCaps,
    SmsSettings,
    SmtpSettings,
    TwilioSettings,
    WebPushSettings,
)
from cardwright.setting_groups import (
    AcsSettings,
    DrainSettings,
    Group,
    MetricsSettings,
    OnfidoSettings,
    OpenIdSettings,
    OutboundSettings,
    TracingSettings,
    VisaSettings,
)

_SHORTEST_SECRET: Final = 32
_FEWEST_DIFFERENT_LETTERS: Final = 10
_DEFAULTS: Final = frozenset(
    "admin cardwright changeme default demo example password postgres secret test".split()  # noqa: SIM905
)
_SIMULATED: Final = "simulator"
_PLAIN_VARIABLES: Final = frozenset({"DATABASE_URL", "REDIS_URL"})


ProviderId = Annotated[str, StringConstraints(pattern="^[a-z0-9-]{1,40}$")]


class ProgramSettings(Group):
    """The card program that this deployment serves; made at the first start. The color is that of e-mails."""

    slug: str = "default"
    name: str = "Cardwright"
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    brand_color: str | None = Field(default=None, pattern="^#[0-9a-f]{6}$")
    stand_in_approve_up_to: int = Field(default=0, ge=0, le=10**6)
    """What is approved where no decision is reached in time, in minor units; 0 declines everything."""
    stand_in_after_ms: int = Field(default=1500, ge=100, le=30_000)
    """How long a decision may take before that is answered; Stripe waits for two seconds in all."""
    provisional_credit: Literal["at_once", "on_network_credit", "never"] = "on_network_credit"
    """When a holder gets disputed money while the network decides; holds for disputes opened from now on."""


class SecuritySettings(Group):
    """A key of our own: at least 32 characters for e-mail codes."""

    code_key: SecretStr


class EncryptionSettings(Group):
    """Who keeps the key-encryption keys: a file of ours, or AWS KMS, whose credentials AWS's SDK finds."""

    provider: Literal["file", "aws-kms"] = "file"
    key_file: Path | None = None
    kms_key_id: str | None = None
    kms_region: str | None = None
    kms_endpoint_url: str | None = None

    @model_validator(mode="after")
    def _need_what_the_provider_needs(self) -> Self:
        if self.provider == "file" and self.key_file is None:
            raise ValueError("encryption.key_file is missing; make one with `cardwright keys add-kek`")
        if self.provider == "aws-kms" and not (self.kms_key_id and self.kms_region):
            raise ValueError("encryption.kms_key_id and encryption.kms_region are missing")
        return self


class OAuthSettings(Group):
    """Where the program's own mobile app listens, if it has one, and where people are sent to sign in."""

    mobile_redirect_uris: tuple[str, ...] = ()
    sign_in_page: str | None = None


class AuditSettings(Group):
    """The key that signs the audit trail and nothing else: a PEM of an Ed25519 private key.

    When it is replaced, the public key of the old one is kept among the retired, which still vouch for what
    they signed.
    """

    signing_key_pem: SecretStr
    retired_keys_pem: tuple[str, ...] = ()


class StripeSettings(Group):
    """`base_url` points at a stand-in; None is Stripe itself. The two webhook endpoints have two secrets."""

    api_key: SecretStr
    webhook_secret: SecretStr
    authorization_secret: SecretStr
    base_url: str | None = None


class BacktestSettings(Group):
    """Where workers keep exported history, and what computing may take of their machine."""

    folder: Path = Path(".cardwright/backtests")
    memory_mib: int = Field(default=4096, ge=256, le=2**20)
    threads: int = Field(default=2, ge=1, le=256)


class ScreeningSettings(Group):
    """From which score on, of 100, somebody on a list is a hit that staff judge."""

    threshold: int = Field(default=85, ge=50, le=100)


class DocumentSettings(Group):
    """Where identity documents are kept, sealed: a folder that all processes share, or a bucket in S3.

    AWS's SDK finds the credentials; an endpoint of one's own is another store that speaks S3.
    """

    store: Literal["folder", "s3"] = "folder"
    folder: Path = Path(".cardwright/documents")
    s3_bucket: str | None = None
    s3_region: str | None = None
    s3_endpoint_url: str | None = None
    keep_days: int = Field(default=5 * 365, ge=1, le=36500)
    """From the upload on."""
    keep_days_after_closing: int = Field(default=0, ge=0, le=36500)
    """At most, once an account was closed; 0 erases them with the account."""

    @model_validator(mode="after")
    def _need_a_bucket(self) -> Self:
        if self.store == "s3" and not (self.s3_bucket and self.s3_region):
            raise ValueError("documents.s3_bucket and documents.s3_region are missing")
        return self


class IdentitySettings(Group):
    """How long an approved identity is good, and what has to be handed in where no vendor collects it."""

    approval_days: int = Field(default=730, ge=31, le=36500)
    """For approvals of verifications that are asked for from now on; due again 30 days before the end."""
    expire_after_days: int = Field(default=14, ge=1, le=365)
    """An attempt expires when nothing came for so long."""
    needs_selfie: bool = True


class WebSettings(Group):
    """The folder of the built web app, which the API then serves on its own address; None serves none.

    `test_shop` is where made-up merchants take cards of a demo, and nothing else does: the simulator's page.
    """

    folder: Path | None = None
    test_shop: str | None = Field(default=None, pattern=r"^https?://")


class RelaxedLimits(Group):
    """How often one client may sign up or sign in; the demo's people all come from one address."""

    per_client: str | None = None


_FROM_THE_ENVIRONMENT: Final = SettingsConfigDict(
    env_prefix="CARDWRIGHT_",
    env_nested_delimiter="__",
    frozen=True,
    extra="ignore",
    hide_input_in_errors=True,  # what is refused may be a secret
)


class TrailSettings(BaseSettings):
    """What is needed to judge the audit trail's signatures."""

    model_config = _FROM_THE_ENVIRONMENT

    audit: AuditSettings | None = None


class DatabaseSettings(BaseSettings):
    """What is needed to reach the database."""

    model_config = _FROM_THE_ENVIRONMENT

    environment: Literal["production", "demo"] = "production"
    database_url: str = Field(validation_alias=AliasChoices("DATABASE_URL", "CARDWRIGHT_DATABASE_URL"))
    database_pool_size: int = Field(default=20, ge=2, le=100)


class KeySettings(DatabaseSettings):
    """What is needed to read and to replace the keys of what is encrypted at rest."""

    encryption: EncryptionSettings


class Settings(KeySettings):
    """Everything the processes need to know. Production refuses what only a demo may have."""

    redis_url: str | None = Field(
        default=None, validation_alias=AliasChoices("REDIS_URL", "CARDWRIGHT_REDIS_URL")
    )
    public_url: str
    debug: bool = False
    """Show tracebacks to callers."""
    allowed_origins: tuple[str, ...] = ()
    """Other origins whose pages may call the API, such as `https://app.example`."""
    program: ProgramSettings = ProgramSettings()
    security: SecuritySettings
    oauth: OAuthSettings = OAuthSettings()
    audit: AuditSettings
    stripe: StripeSettings
    acs: AcsSettings | None = None
    """None where no purchase is confirmed by 3-D Secure."""
    card_processor: Literal["stripe", "visa"] = "stripe"
    """Where new cards are issued."""
    identity_verifiers: tuple[Literal["stripe", "onfido", "manual"], ...] = Field(
        default=("stripe",), min_length=1
    )
    """Who verifies identities: the first, and while it is down the next, as `["stripe", "onfido"]`.

    `manual` is staff, by documents that are uploaded; never being down, it can only be the last. The worker
    begins verifications, so it is the worker's setting that chooses; the API takes any vendor's webhooks.
    """
    onfido: OnfidoSettings | None = None
    """Without it no identity can be verified at Onfido."""
    visa: VisaSettings | None = None
    """Without it no card can be at Visa."""
    twilio: TwilioSettings
    fcm: FcmSettings
    smtp: SmtpSettings
    live: LiveSettings = LiveSettings()
    web_push: WebPushSettings | None = None
    """None where browsers get no push messages."""
    email: EmailSettings = EmailSettings()
    sms: SmsSettings = SmsSettings()
    message_caps: MessageCaps = MessageCaps()
    openid: dict[ProviderId, OpenIdSettings] = {}
    """By the ids of the providers: `CARDWRIGHT_OPENID__EXAMPLE__ISSUER`."""
    limits: RelaxedLimits = RelaxedLimits()
    backtests: BacktestSettings = BacktestSettings()
    screening: ScreeningSettings = ScreeningSettings()
    documents: DocumentSettings = DocumentSettings()
    identity: IdentitySettings = IdentitySettings()
    web: WebSettings = WebSettings()
    drain: DrainSettings = DrainSettings()
    metrics: MetricsSettings = MetricsSettings()
    tracing: TracingSettings = TracingSettings()
    outbound: OutboundSettings = OutboundSettings()
    event_retention_days: int = Field(default=90, ge=7, le=3650)

    @model_validator(mode="after")
    def _name_origins(self) -> Self:
        if any("*" in origin for origin in self.allowed_origins):
            raise ValueError("allowed_origins must each be one https origin, even in a demo")
        return self

    @model_validator(mode="after")
    def _know_processor(self) -> Self:
        if self.card_processor == "visa" and self.visa is None:
            raise ValueError("card_processor visa needs the settings of visa")
        return self

    @model_validator(mode="after")
    def _know_verifiers(self) -> Self:
        if len(set(self.identity_verifiers)) != len(self.identity_verifiers):
            raise ValueError("identity_verifiers names one twice")
        if "onfido" in self.identity_verifiers and self.onfido is None:
            raise ValueError("identity_verifiers onfido needs the settings of onfido")
        if "manual" in self.identity_verifiers[:-1]:
            raise ValueError("identity_verifiers manual is never down: whoever follows it is never asked")
        return self

    @model_validator(mode="after")
    def _refuse_weakness(self) -> Self:
        weaknesses = [] if self.environment == "demo" else self.weaknesses()
        if weaknesses:
            raise ValueError("not fit for production: " + "; ".join(weaknesses))
        return self

    def weaknesses(self) -> list[str]:
        """Return what production refuses, each in one clause that names its setting."""
        code_key = self.security.code_key.get_secret_value()
        found = {
            "public_url must be https": not self.public_url.startswith("https://"),
            "debug must be off": self.debug,
            "allowed_origins must each be one https origin": not all(map(_is_origin, self.allowed_origins)),
            "database_url has a default password": _is_default(urlsplit(self.database_url).password),
            "security.code_key is too short": len(code_key) < _SHORTEST_SECRET,
            "security.code_key is not random": len(set(code_key)) < _FEWEST_DIFFERENT_LETTERS,
            "encryption.kms_endpoint_url must be left out": self.encryption.kms_endpoint_url is not None,
            "documents.s3_endpoint_url must be https": not (
                self.documents.s3_endpoint_url or "https://"
            ).startswith("https://"),
            "openid issuers must be https": not all(
                provider.issuer.startswith("https://") for provider in self.openid.values()
            ),
            "visa.base_url must be https": self.visa is not None
            and not self.visa.base_url.startswith("https://"),
            "visa.password is the simulator's": self.visa is not None
            and _SIMULATED in self.visa.password.get_secret_value(),
            "stripe.base_url must be left out": self.stripe.base_url is not None,
            "onfido.base_url must be left out": self.onfido is not None and self.onfido.base_url is not None,
            "onfido.api_token is the simulator's": self.onfido is not None
            and _SIMULATED in self.onfido.api_token.get_secret_value(),
            "twilio.base_url must be left out": self.twilio.base_url is not None,
            "fcm.base_url must be left out": self.fcm.base_url is not None,
            "acs.base_url must be https": self.acs is not None
            and not self.acs.base_url.startswith("https://"),
            "acs.api_key is the simulator's": self.acs is not None
            and _SIMULATED in self.acs.api_key.get_secret_value(),
            "smtp.start_tls must be on": not self.smtp.start_tls,
            "outbound.allowed_networks must be left out": bool(self.outbound.allowed_networks),
            "email.fallbacks must have start_tls on": not all(it.start_tls for it in self.email.fallbacks),
            "sms.fallbacks must leave base_url out": any(it.base_url for it in self.sms.fallbacks),
            "sms.fallbacks has the simulator's auth_token": any(
                _SIMULATED in it.auth_token.get_secret_value() for it in self.sms.fallbacks
            ),
            "web.test_shop must be left out": self.web.test_shop is not None,
            "limits.per_client must be left out": self.limits.per_client is not None,
            "stripe.api_key is the simulator's": _SIMULATED in self.stripe.api_key.get_secret_value(),
            "twilio.auth_token is the simulator's": _SIMULATED in self.twilio.auth_token.get_secret_value(),
        }
        return [weakness for weakness, is_present in found.items() if is_present] + [
            f"{name} is a default" for name, secret in self.secrets() if _is_default(secret)
        ]

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Yield every secret by the name of its setting."""
        groups: dict[str, BaseModel] = {
            "security": self.security, "audit": self.audit, "stripe": self.stripe, "twilio": self.twilio,
            "smtp": self.smtp,
            **({} if self.acs is None else {"acs": self.acs}),
            **({} if self.web_push is None else {"web_push": self.web_push}),
            **({} if self.onfido is None else {"onfido": self.onfido}),
            **{f"email.fallbacks.{place}": it for place, it in enumerate(self.email.fallbacks)},
            **{f"sms.fallbacks.{place}": it for place, it in enumerate(self.sms.fallbacks)},
            **({"visa": self.visa} if self.visa is not None else {}),
            **{f"openid.{provider_id}": provider for provider_id, provider in self.openid.items()},
        }  # fmt: skip
        for group_name, group in groups.items():
            for name, value in group:
                if isinstance(value, SecretStr):
                    yield f"{group_name}.{name}", value.get_secret_value()


def named_faults(error: ValidationError) -> list[tuple[str, str]]:
    """Return each variable that is missing or wrong, with what is wrong about it; never what it holds."""
    faults = []
    for each in error.errors(include_url=False):
        name = "__".join(map(str, each["loc"])).upper()
        variable = name if name in _PLAIN_VARIABLES else f"CARDWRIGHT_{name}"
        # What concerns several settings has no place of its own.
        faults.append((variable if name else "the environment", each["msg"].lower()))
    return faults


def _is_default(secret: str | None) -> bool:
    # None is no password at all, as with a database that knows its clients in another way.
    if secret is None:
        return False
    return not secret or "".join(filter(str.isalpha, secret.lower())) in _DEFAULTS


def _is_origin(origin: str) -> bool:
    # A wildcard, a path and credentials are none; the browser sends an origin without a closing slash.
    return re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?", origin) is not None
