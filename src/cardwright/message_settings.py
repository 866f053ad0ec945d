"""The part of the configuration that is about messages: who sends them, how many, and what they may cost."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from cardwright.setting_groups import Group


class TwilioSettings(Group):
    """`sender` is a number in E.164 or a messaging service.

    Reports about delivery find their way by themselves. For replies, set at Twilio, for that number or
    service, that a message which comes in is posted to `{public_url}/webhooks/twilio-replies`.
    """

    account_sid: str
    auth_token: SecretStr
    sender: str
    base_url: str | None = None


class FcmSettings(Group):
    """The service account's JSON file, as Google gives it."""

    service_account_file: Path
    base_url: str | None = None


class SmtpSettings(Group):
    """Any SMTP provider; `sender` may be `Name <address>`."""

    host: str
    port: int = 587
    username: str | None = None
    password: SecretStr | None = None
    sender: str = "Cardwright <no-reply@cardwright.example>"
    start_tls: bool = True


_Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
_Micros = Annotated[int, Field(ge=0, le=10**9)]


class SmsSettings(Group):
    """Where text messages are sent (ISO 3166-1 alpha-2), how many codes a day, and what all may cost.

    Prices are per segment in micros (millionths) of `currency`; what may be spent is in its minor units, per
    day and month of UTC. `fallbacks` send what the first account certainly did not take, in their order.
    """

    countries: frozenset[_Country] = frozenset({"US"})
    most_per_day: int = Field(default=2000, ge=1)
    currency: str = Field(default="USD", pattern="^[A-Z]{3}$")
    prices: dict[_Country, _Micros] = Field(default_factory=dict)
    price_otherwise: _Micros = 50_000
    spend_per_day: int | None = Field(default=None, ge=0, le=10**12)
    spend_per_month: int | None = Field(default=None, ge=0, le=10**12)
    fallbacks: tuple[TwilioSettings, ...] = ()


class EmailSettings(Group):
    """Mail servers that follow the first (`smtp`), and the key that SendGrid signs its events with.

    The key is the verification key of the Signed Event Webhook as SendGrid shows it: base64 of a public key.
    """

    fallbacks: tuple[SmtpSettings, ...] = ()
    sendgrid_webhook_key: str | None = None


class MessageCaps(Group):
    """How many messages one person gets on a channel within an hour: ordinary and essential ones."""

    sms: int = Field(default=10, ge=1, le=10**6)
    sms_essential: int = Field(default=20, ge=1, le=10**6)
    push: int = Field(default=60, ge=1, le=10**6)
    push_essential: int = Field(default=120, ge=1, le=10**6)
    email: int = Field(default=60, ge=1, le=10**6)
    email_essential: int = Field(default=120, ge=1, le=10**6)
