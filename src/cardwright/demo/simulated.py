"""What an operator does once at the vendors, done at the simulator: endpoints, keys, and settings of them."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import stripe

from cardwright.demo import keys as demo_keys
from cardwright.demo.keys import DemoKeys

SIMULATOR_KEY: Final = "sk_test_cardwright_simulator"
_ACS_KEY: Final = "simulator-acs-key"
_TWILIO_ACCOUNT: Final = "AC00000000000000000000000000000001"
_TWILIO_TOKEN: Final = "simulator-twilio-token"  # noqa: S105 - the simulator's, made up
_TWILIO_NUMBER: Final = "+15005550006"
_ONFIDO_TOKEN: Final = "simulator-onfido-token"  # noqa: S105 - the simulator's, made up
_ONFIDO_WORKFLOW: Final = "00000000-0000-4000-8000-000000000002"
IDENTITY_VERIFIERS: Final = ("stripe", "onfido")
"""Onfido while Stripe Identity is down: order a fault of Stripe's API at the simulator, and see."""
_MOBILE_REDIRECT_URIS: Final = ("app.cardwright.mobile:/signed-in", "http://127.0.0.1/signed-in")
PROGRAM: Final = {"slug": "demo", "name": "Cardwright Demo", "currency": "USD"}


def simulator_client(address: str) -> stripe.StripeClient:
    """Return Stripe's official client, pointed at the simulator."""
    client = stripe.HTTPXClient(timeout=20, allow_sync_methods=True)
    return stripe.StripeClient(
        SIMULATOR_KEY,
        # An address left out would silently be the real one.
        base_addresses={"api": address, "connect": address, "files": address, "meter_events": address},
        http_client=client,
        max_network_retries=2,
    )


def register_webhooks(data: Path, keys: DemoKeys, *, api: str, simulator: str) -> DemoKeys:
    """Let Stripe's events come to the API, and return the keys with what they are signed with."""
    # What an operator does once in Stripe's dashboard. The endpoint is kept, so that events which were still
    # on their way when the demo stopped arrive at the next start.
    endpoints = simulator_client(simulator).v1.webhook_endpoints
    url = f"{api}/webhooks/stripe"
    known = {endpoint.id for endpoint in endpoints.list({"limit": 100}).data}
    if keys.webhook_endpoint in known:
        endpoints.update(keys.webhook_endpoint, {"url": url})
        return keys
    made = endpoints.create({"url": url, "enabled_events": ["*"]})
    keys = replace(keys, webhook_endpoint=made.id, webhook_secret=str(made.secret))
    demo_keys.save(data / "keys.json", keys)
    return keys


def environment(
    data: Path, keys: DemoKeys, *, database: str, redis: str, api: str, simulator: str,
    mail: tuple[str, int], receivers: str = "127.0.0.1/32",
) -> dict[str, str]:  # fmt: skip
    """Name the API to every vendor, and return what its processes have to know of them.

    `mail` is a host with a port, `receivers` the network where webhooks may go besides public addresses.
    """
    mail_host, mail_port = mail
    setting = {"url": f"{api}/webhooks/stripe/authorizations", "timeout_default": "decline"}
    realtime = httpx.post(f"{simulator}/_sim/stripe/realtime", json=setting, timeout=10)
    endpoint = {"url": f"{api}/webhooks/acs"}
    acs = httpx.post(f"{simulator}/_sim/acs/endpoint", json=endpoint, timeout=10)
    replies = {"url": f"{api}/webhooks/twilio-replies"}
    httpx.post(f"{simulator}/_sim/twilio/endpoint", json=replies, timeout=10).raise_for_status()
    events = {"url": f"{api}/webhooks/sendgrid"}
    httpx.post(f"{simulator}/_sim/mail/endpoint", json=events, timeout=10).raise_for_status()
    mail_key = httpx.get(f"{simulator}/_sim/mail/verification-key", timeout=10).json()["verification_key"]
    runs = {"url": f"{api}/webhooks/onfido"}
    onfido = httpx.post(f"{simulator}/_sim/onfido/endpoint", json=runs, timeout=10)
    account = httpx.get(f"{simulator}/_sim/fcm/service-account.json", timeout=10)
    account_file = data / "push-account.json"
    account_file.touch(mode=0o600)
    account_file.write_text(account.text)
    groups = {
        "PROGRAM": {name.upper(): value for name, value in PROGRAM.items()},
        "SECURITY": {"CODE_KEY": keys.code_key},
        "OAUTH": {"MOBILE_REDIRECT_URIS": json.dumps(_MOBILE_REDIRECT_URIS)},
        "AUDIT": {"SIGNING_KEY_PEM": keys.audit_key_pem},
        "ENCRYPTION": {"PROVIDER": "file", "KEY_FILE": str(data / demo_keys.KEY_FILE)},
        "STRIPE": {
            "API_KEY": SIMULATOR_KEY, "BASE_URL": simulator, "WEBHOOK_SECRET": keys.webhook_secret,
            "AUTHORIZATION_SECRET": realtime.json()["secret"],
        },
        "ACS": {"API_KEY": _ACS_KEY, "BASE_URL": simulator, "WEBHOOK_SECRET": acs.json()["secret"]},
        "ONFIDO": {
            "API_TOKEN": _ONFIDO_TOKEN, "BASE_URL": f"{simulator}/v3.6", "WORKFLOW_ID": _ONFIDO_WORKFLOW,
            "WEBHOOK_TOKEN": onfido.json()["token"],
        },
        "TWILIO": {
            "ACCOUNT_SID": _TWILIO_ACCOUNT, "AUTH_TOKEN": _TWILIO_TOKEN, "SENDER": _TWILIO_NUMBER,
            "BASE_URL": simulator,
        },
        "FCM": {"SERVICE_ACCOUNT_FILE": str(account_file), "BASE_URL": simulator},
        "WEB_PUSH": {"PRIVATE_KEY": keys.web_push_key, "CONTACT": "mailto:operator@cardwright.example"},
        # The simulator's push service, and receivers of webhooks on this machine.
        "OUTBOUND": {"ALLOWED_NETWORKS": json.dumps([receivers])},
        "EMAIL": {"SENDGRID_WEBHOOK_KEY": mail_key},
        "SMTP": {"HOST": mail_host, "PORT": str(mail_port), "START_TLS": "false"},
        "LIMITS": {"PER_CLIENT": "10000/hour"},
        "BACKTESTS": {"FOLDER": str(data / "backtests")},
    }  # fmt: skip
    nested = {
        f"CARDWRIGHT_{group}__{name}": value
        for group, members in groups.items()
        for name, value in members.items()
    }
    return {
        "CARDWRIGHT_ENVIRONMENT": "demo",
        "CARDWRIGHT_PUBLIC_URL": api,
        "CARDWRIGHT_IDENTITY_VERIFIERS": json.dumps(IDENTITY_VERIFIERS),
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        **nested,
    }


def with_web(made: dict[str, str], *, api: str, simulator: str, folder: Path | None = None) -> dict[str, str]:
    """Add what the built web app needs; without a folder the processes know it already."""
    return {
        **made,
        **({} if folder is None else {"CARDWRIGHT_WEB__FOLDER": str(folder)}),
        "CARDWRIGHT_OAUTH__SIGN_IN_PAGE": f"{api}/sign-in",
        "CARDWRIGHT_WEB__TEST_SHOP": f"{simulator}/pay",
    }


def write_environment(file: Path, made: Mapping[str, str]) -> None:
    """Keep what processes are started with, for a shell to read; secrets are in it, so nobody else may."""
    file.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in made.items()]
    file.write_text("\n".join(lines) + "\n")
