"""Groups of settings that stand by themselves; `settings` says what they are to each other."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr


class Group(BaseModel):
    """Some settings that belong together."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AcsSettings(Group):
    """The access control server that asks cardholders for 3-D Secure."""

    base_url: str
    api_key: SecretStr
    webhook_secret: SecretStr


class OnfidoSettings(Group):
    """An account at Onfido and the workflow that verifies there; `base_url` points at a stand-in."""

    region: Literal["eu", "us", "ca"] = "eu"
    api_token: SecretStr
    webhook_token: SecretStr
    workflow_id: str = Field(pattern="^[0-9a-f-]{36}$")
    base_url: str | None = None


class VisaSettings(Group):
    """A project for Visa's virtual accounts; `authority` names the CA of a stand-in, None the system's."""

    base_url: str
    user_id: str
    password: SecretStr
    api_key: SecretStr
    shared_secret: SecretStr
    client_certificate: Path
    client_key: Path
    authority: Path | None = None
    message_key_id: str
    message_certificate: Path
    message_key: Path
    client_id: str
    buyer_id: str
    proxy_pool_id: str


class OpenIdSettings(Group):
    """An outside provider that people may sign in with, and what this deployment is called there."""

    name: str
    issuer: str
    client_id: str
    client_secret: SecretStr


class WebPushSettings(Group):
    """Push messages to browsers: the VAPID key, 32 bytes as base64url, and where complaints go.

    Browsers subscribe with the public half: when the key is replaced, all of them have to subscribe anew.
    """

    private_key: SecretStr
    contact: str = Field(pattern="^(mailto:|https://)")


class LiveSettings(Group):
    """How many streams of server-sent events one process of the API keeps open, in all and for one person."""

    most_streams: int = Field(default=2_000, ge=1, le=50_000)
    most_per_person: int = Field(default=8, ge=1, le=100)


class OutboundSettings(Group):
    """Where requests to URLs that others chose may go, such as those of webhooks: networks as `10.0.0.0/8`.

    Public addresses need no word here. What is allowed besides is for demos: production refuses it. What is
    refused besides are public networks of one's own, or the prefix of one's NAT64.
    """

    allowed_networks: tuple[IPvAnyNetwork, ...] = ()
    refused_networks: tuple[IPvAnyNetwork, ...] = ()
