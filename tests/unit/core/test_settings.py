"""Production refuses, by name, what only a demo may have; what is refused is never shown."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from cardwright.settings import Settings

SOUND = {
    "DATABASE_URL": "postgresql://cardwright:database-hunter2@db.example/cardwright",
    "CARDWRIGHT_PUBLIC_URL": "https://cards.example",
    "CARDWRIGHT_SECURITY__CODE_KEY": "code-hunter2-code-hunter2-code-hunter2",
    "CARDWRIGHT_AUDIT__SIGNING_KEY_PEM": "-----BEGIN PRIVATE KEY----- audit-hunter2",
    "CARDWRIGHT_ENCRYPTION__KEY_FILE": "/etc/cardwright/keys.json",
    "CARDWRIGHT_STRIPE__API_KEY": "sk_live_hunter2",
    "CARDWRIGHT_STRIPE__WEBHOOK_SECRET": "whsec_hunter2_one",
    "CARDWRIGHT_STRIPE__AUTHORIZATION_SECRET": "whsec_hunter2_two",
    "CARDWRIGHT_TWILIO__ACCOUNT_SID": "AC0123456789",
    "CARDWRIGHT_TWILIO__AUTH_TOKEN": "twilio-hunter2",
    "CARDWRIGHT_TWILIO__SENDER": "+15550100100",
    "CARDWRIGHT_FCM__SERVICE_ACCOUNT_FILE": "/etc/cardwright/fcm.json",
    "CARDWRIGHT_SMTP__HOST": "smtp.example",
    "CARDWRIGHT_ACS__BASE_URL": "https://acs.example",
    "CARDWRIGHT_ACS__API_KEY": "acs-hunter2",
    "CARDWRIGHT_ACS__WEBHOOK_SECRET": "whsec_hunter2_three",
}
WEAKNESSES = {
    "public_url must be https": {"CARDWRIGHT_PUBLIC_URL": "http://cards.example"},
    "debug must be off": {"CARDWRIGHT_DEBUG": "true"},
    "allowed_origins must each be one https origin": {
        "CARDWRIGHT_ALLOWED_ORIGINS": '["https://app.example", "http://app.example"]'
    },
    "openid issuers must be https": {
        "CARDWRIGHT_OPENID__EXAMPLE__NAME": "Example",
        "CARDWRIGHT_OPENID__EXAMPLE__ISSUER": "http://127.0.0.1:4900",
        "CARDWRIGHT_OPENID__EXAMPLE__CLIENT_ID": "cardwright",
        "CARDWRIGHT_OPENID__EXAMPLE__CLIENT_SECRET": "openid-hunter2",
    },
    "database_url has a default password": {"DATABASE_URL": "postgresql://app:change-me@db.example/cards"},
    "stripe.webhook_secret is a default": {"CARDWRIGHT_STRIPE__WEBHOOK_SECRET": "Secret123"},
    "stripe.authorization_secret is a default": {"CARDWRIGHT_STRIPE__AUTHORIZATION_SECRET": ""},
    "smtp.password is a default": {"CARDWRIGHT_SMTP__PASSWORD": "password1"},
    "security.code_key is too short": {"CARDWRIGHT_SECURITY__CODE_KEY": "short-hunter2-abcdefgh"},
    "encryption.kms_endpoint_url must be left out": {
        "CARDWRIGHT_ENCRYPTION__KMS_ENDPOINT_URL": "http://127.0.0.1:5000"
    },
    "stripe.base_url must be left out": {"CARDWRIGHT_STRIPE__BASE_URL": "http://127.0.0.1:4020"},
    "twilio.base_url must be left out": {"CARDWRIGHT_TWILIO__BASE_URL": "http://127.0.0.1:4020"},
    "fcm.base_url must be left out": {"CARDWRIGHT_FCM__BASE_URL": "http://127.0.0.1:4020"},
    "acs.base_url must be https": {"CARDWRIGHT_ACS__BASE_URL": "http://acs.example"},
    "acs.api_key is the simulator's": {"CARDWRIGHT_ACS__API_KEY": "simulator-hunter2"},
    "acs.webhook_secret is a default": {"CARDWRIGHT_ACS__WEBHOOK_SECRET": "secret"},
    "outbound.allowed_networks must be left out": {"CARDWRIGHT_OUTBOUND__ALLOWED_NETWORKS": '["10.0.0.0/8"]'},
    "smtp.start_tls must be on": {"CARDWRIGHT_SMTP__START_TLS": "false"},
    "limits.per_client must be left out": {"CARDWRIGHT_LIMITS__PER_CLIENT": "1000/minute"},
    "stripe.api_key is the simulator's": {"CARDWRIGHT_STRIPE__API_KEY": "sk_test_simulator_hunter2"},
    "twilio.auth_token is the simulator's": {"CARDWRIGHT_TWILIO__AUTH_TOKEN": "simulator-hunter2"},
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a sound production."""
    for name in (
        "REDIS_URL",
        "CARDWRIGHT_ENVIRONMENT",
        *(n for change in WEAKNESSES.values() for n in change),
    ):
        monkeypatch.delenv(name, raising=False)
    for name, value in SOUND.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.usefixtures("environment")
def test_a_sound_production_starts_and_is_the_default() -> None:
    settings = Settings()
    assert (settings.environment, settings.redis_url, settings.program.currency) == (
        "production",
        None,
        "USD",
    )
    assert settings.stripe.api_key.get_secret_value() == "sk_live_hunter2"
    assert settings.fcm.service_account_file == Path("/etc/cardwright/fcm.json")


@pytest.mark.parametrize("weakness", WEAKNESSES)
def test_production_names_the_weakness_and_refuses_to_start(
    environment: pytest.MonkeyPatch, weakness: str
) -> None:
    for name, value in WEAKNESSES[weakness].items():
        environment.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    (error,) = refused.value.errors()
    assert error["msg"] == f"Value error, not fit for production: {weakness}"
    assert "hunter2" not in str(refused.value)


def test_production_names_every_weakness_at_once(environment: pytest.MonkeyPatch) -> None:
    for change in WEAKNESSES.values():
        for name, value in change.items():
            environment.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert all(weakness in str(refused.value) for weakness in WEAKNESSES)


def test_a_code_key_that_repeats_itself_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CARDWRIGHT_SECURITY__CODE_KEY", "hunter2" * 5)
    with pytest.raises(ValidationError, match="code_key is not random"):
        Settings()


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://*", "http://a.example", "https://a.example/", "https://a.example,x", ""]
)
def test_production_lets_no_origin_in_that_is_not_named(environment: pytest.MonkeyPatch, origin: str) -> None:
    environment.setenv("CARDWRIGHT_ALLOWED_ORIGINS", json.dumps([origin]))
    with pytest.raises(ValidationError, match="allowed_origins must each be one https origin"):
        Settings()
    environment.setenv("CARDWRIGHT_ALLOWED_ORIGINS", '["https://app.example:8443"]')
    assert Settings().allowed_origins == ("https://app.example:8443",)


@pytest.mark.parametrize("environment_name", ["production", "demo"])
def test_no_deployment_lets_every_origin_in(environment: pytest.MonkeyPatch, environment_name: str) -> None:
    environment.setenv("CARDWRIGHT_ENVIRONMENT", environment_name)
    environment.setenv("CARDWRIGHT_ALLOWED_ORIGINS", '["*"]')
    with pytest.raises(ValidationError, match="allowed_origins must each be one https origin"):
        Settings()


def test_outside_providers_are_configured_by_their_ids(environment: pytest.MonkeyPatch) -> None:
    sound = {"NAME": "Example", "ISSUER": "https://a.example", "CLIENT_ID": "c", "CLIENT_SECRET": "hunter2"}
    for name, value in sound.items():
        environment.setenv(f"CARDWRIGHT_OPENID__EXAMPLE__{name}", value)
        environment.setenv(f"CARDWRIGHT_OPENID__OTHER-ONE__{name}", value)
    found = Settings().openid
    assert {name: provider.issuer for name, provider in found.items()} == {
        "example": "https://a.example",
        "other-one": "https://a.example",
    }
    environment.setenv("CARDWRIGHT_OPENID__EXAMPLE__CLIENT_SECRET", "changeme")
    with pytest.raises(ValidationError, match=r"openid\.example\.client_secret is a default"):
        Settings()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"PROVIDER": "file", "KEY_FILE": None}, "key_file is missing"),
        ({"PROVIDER": "aws-kms"}, "kms_key_id and encryption.kms_region are missing"),
        ({"PROVIDER": "none"}, "Input should be 'file' or 'aws-kms'"),
    ],
)
def test_a_key_provider_without_what_it_needs_is_refused(
    environment: pytest.MonkeyPatch, changes: dict[str, str | None], reason: str
) -> None:
    for name, value in changes.items():
        environment.setenv(f"CARDWRIGHT_ENCRYPTION__{name}", value or "")
        if value is None:
            environment.delenv(f"CARDWRIGHT_ENCRYPTION__{name}")
    with pytest.raises(ValidationError, match=reason):
        Settings()


def test_a_demo_may_have_them_all(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("CARDWRIGHT_ENVIRONMENT", "demo")
    for change in WEAKNESSES.values():
        for name, value in change.items():
            environment.setenv(name, value)
    assert Settings().environment == "demo"


@pytest.mark.parametrize("name", [name for name in SOUND if "__" in name or name == "DATABASE_URL"])
def test_what_is_missing_is_named_and_what_is_there_is_not_shown(
    environment: pytest.MonkeyPatch, name: str
) -> None:
    environment.delenv(name)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert [error["type"] for error in refused.value.errors()] == ["missing"]
    group = name.removeprefix("CARDWRIGHT_").lower().partition("__")[0]
    assert group in str(refused.value).lower()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CARDWRIGHT_ENVIRONMENT", "staging"),
        ("CARDWRIGHT_PROGRAM__CURRENCY", "usd"),
        ("CARDWRIGHT_DATABASE_POOL_SIZE", "1"),
        ("CARDWRIGHT_SMTP__PORT", "mail"),
        ("CARDWRIGHT_STRIPE__SECRET_KEY", "sk_live_hunter2"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "hunter2" not in str(refused.value)


@pytest.mark.usefixtures("environment")
def test_settings_can_be_printed_and_not_changed() -> None:
    settings = Settings()
    shown = repr(settings.security) + repr(settings.stripe) + repr(settings.twilio) + repr(settings.smtp)
    assert "hunter2" not in shown
    with pytest.raises(ValidationError):
        settings.public_url = "http://elsewhere.example"  # type: ignore[misc]


def test_cardwrights_own_name_of_the_database_works_too(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("DATABASE_URL")
    environment.setenv("CARDWRIGHT_DATABASE_URL", "postgresql://db.example/other")
    assert Settings().database_url == "postgresql://db.example/other"
