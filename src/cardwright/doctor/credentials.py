"""Whether vendors' credentials look like what each vendor gives out; nobody is asked."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from pydantic import SecretStr

from cardwright.doctor.findings import Finding, ok, problem, warning
from cardwright.message_settings import TwilioSettings
from cardwright.setting_groups import VisaSettings
from cardwright.settings import Settings

SOON: Final = timedelta(days=30)
"""A certificate that ends within this is to be renewed now."""
_FCM_MEMBERS: Final = ("project_id", "client_email", "private_key", "token_uri")


def examine_credentials(settings: Settings, at: datetime) -> list[Finding]:
    """Look at the shape of what each vendor is shown."""
    found = [
        *_stripe(settings),
        *_twilio(settings),
        *_fcm(settings.fcm.service_account_file),
        *_mail(settings),
    ]
    if settings.onfido is not None:
        found += _onfido(settings)
    if settings.visa is not None:
        found += examine_visa(settings.visa, at)
    return found


def _stripe(settings: Settings) -> list[Finding]:
    stripe, is_live = settings.stripe, settings.environment == "production"
    key = stripe.api_key.get_secret_value()
    wrong = []
    if key.startswith("pk_"):
        wrong.append("stripe.api_key is a publishable key, which can issue nothing")
    elif not re.fullmatch(r"[sr]k_(live|test)_\w+", key):
        wrong.append("stripe.api_key is not `sk_live_…` or `rk_live_…`")
    wrong += [
        f"stripe.{name} is not a signing secret, `whsec_…`"
        for name, secret in (
            ("webhook_secret", stripe.webhook_secret),
            ("authorization_secret", stripe.authorization_secret),
        )
        if not _plain(secret).startswith("whsec_")
    ]
    if _plain(stripe.webhook_secret) == _plain(stripe.authorization_secret):
        wrong.append("both of Stripe's endpoints have one secret")
    if wrong:
        remedy = "Copy them from Stripe's dashboard: the secret key, and the signing secret of each endpoint."
        return [problem("stripe", f"{'; '.join(wrong)}.", remedy)]
    if is_live and "_test_" in key:
        remedy = "Use a live key once real money is to move; until then nothing that is paid is real."
        return [warning("stripe", "stripe.api_key is of Stripe's test mode.", remedy)]
    return [ok("stripe", "The keys have the shape that Stripe gives them.")]


def _twilio(settings: Settings) -> list[Finding]:
    if settings.environment == "demo":
        return [ok("twilio", "The simulator's account; any shape will do.")]
    wrong = [
        said
        for place, account in enumerate((settings.twilio, *settings.sms.fallbacks))
        for said in _twilio_faults(f"sms.fallbacks.{place - 1}" if place else "twilio", account)
    ]
    if wrong:
        remedy = "Copy account SID, auth token and number (or messaging service) from Twilio's console."
        return [problem("twilio", f"{'; '.join(wrong)}.", remedy)]
    return [ok("twilio", "Account, token and sender have the shape that Twilio gives them.")]


def _twilio_faults(name: str, account: TwilioSettings) -> list[str]:
    shapes = {
        "account_sid": (r"AC[0-9a-f]{32}", account.account_sid),
        "auth_token": (r"[0-9a-f]{32}", _plain(account.auth_token)),
        "sender": (r"\+[1-9][0-9]{6,14}|MG[0-9a-f]{32}", account.sender),
    }
    return [
        f"{name}.{member} is not like {pattern}"
        for member, (pattern, value) in shapes.items()
        if not re.fullmatch(pattern, value)
    ]


def _fcm(path: Path) -> list[Finding]:
    remedy = "Download the service account's JSON file from Google and let the processes read it."
    try:
        account: Any = json.loads(path.read_text())
        missing = [member for member in _FCM_MEMBERS if not account.get(member)]
        if missing:
            return [problem("fcm", f"{path} lacks {', '.join(missing)}.", remedy)]
        load_pem_private_key(account["private_key"].encode(), password=None)
    except OSError as error:
        return [problem("fcm", f"{path} cannot be read: {error.strerror}.", remedy)]
    except (ValueError, TypeError, AttributeError):
        # Without the cause, which may show the key.
        return [problem("fcm", f"{path} is not a service account's file.", remedy)]
    return [ok("fcm", f"{path} is a service account with a private key.")]


def _mail(settings: Settings) -> list[Finding]:
    senders = (settings.smtp, *settings.email.fallbacks)
    if settings.environment == "production" and any(
        it.sender.rstrip(">").endswith(".example") for it in senders
    ):
        remedy = (
            "Set CARDWRIGHT_SMTP__SENDER to an address of your domain, with SPF and DKIM for the provider."
        )
        return [problem("mail", "E-mails are sent from an address that is nobody's.", remedy)]
    if any((it.username is None) != (it.password is None) for it in senders):
        remedy = "Give both, or neither where the server knows you in another way."
        return [
            problem("mail", "A mail server has a name without a password, or the other way round.", remedy)
        ]
    return [ok("mail", f"{len(senders)} mail server(s), senders with addresses.")]


def _onfido(settings: Settings) -> list[Finding]:
    assert settings.onfido is not None  # noqa: S101 - the caller asked
    token = _plain(settings.onfido.api_token)
    if settings.environment == "production" and not token.startswith("api_live"):
        remedy = "Use a live token; a sandbox approves whoever it is told to."
        return [warning("onfido", "onfido.api_token is not `api_live…`.", remedy)]
    return [ok("onfido", "The token has the shape that Onfido gives it.")]


def examine_visa(visa: VisaSettings, at: datetime) -> list[Finding]:
    """Look at the two certificates of a project: readable, in force, each with its own key."""
    found = []
    for name, certificate, key in (
        ("client", visa.client_certificate, visa.client_key),
        ("message", visa.message_certificate, visa.message_key),
    ):
        found.append(_pair(f"visa.{name}_certificate", certificate, key if name == "client" else None, at))
        found += _readable(f"visa.{name}_key", key)
    return found


def _pair(name: str, certificate_file: Path, key_file: Path | None, at: datetime) -> Finding:
    remedy = (
        "Order a new certificate in Visa's developer portal and put it and its key in the old one's place."
    )
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        key = None if key_file is None else load_pem_private_key(key_file.read_bytes(), password=None)
    except OSError as error:
        return problem("visa", f"{name}: {error.filename} cannot be read: {error.strerror}.", remedy)
    except (ValueError, TypeError):
        return problem("visa", f"{name} is not a PEM of a certificate with its key.", remedy)
    if key is not None and _public(key.public_key()) != _public(certificate.public_key()):
        return problem("visa", f"{name} is of another key than the one beside it.", remedy)
    until = certificate.not_valid_after_utc
    if until <= at:
        return problem("visa", f"{name} ended on {until:%Y-%m-%d}.", remedy)
    if until - at < SOON:
        return warning("visa", f"{name} ends on {until:%Y-%m-%d}.", remedy)
    return ok("visa", f"{name} is good until {until:%Y-%m-%d}.")


def _readable(name: str, path: Path) -> list[Finding]:
    try:
        load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        return [
            problem("visa", f"{name}: {path} cannot be read: {error.strerror}.", "Let the processes read it.")
        ]
    except (ValueError, TypeError):
        return [problem("visa", f"{name} is not the PEM of a private key.", "Put the project's key there.")]
    return []


def _public(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def _plain(secret: SecretStr | str) -> str:
    return secret if isinstance(secret, str) else secret.get_secret_value()
