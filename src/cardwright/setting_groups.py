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


class DrainSettings(Group):
    """How a process stops: for how long the API still serves after SIGTERM, and says that it is not ready.

    Long enough for a balancer to notice. Then, in a worker at once, what was begun is finished; what takes
    longer is cut off. Both together have to be less than what the host waits before it kills.
    """

    seconds: float = Field(default=5.0, ge=0, le=300)
    finish_within_seconds: int = Field(default=20, ge=1, le=600)


class MetricsSettings(Group):
    """Where Prometheus finds the figures of a process: an address that only it can reach; no port, no page.

    The books are recomputed so often by one of the workers; 0 is never.
    """

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=1, le=65_535)
    books_every_seconds: int = Field(default=900, ge=0, le=86_400)


class TracingSettings(Group):
    """Where spans are sent, as `http://collector:4318/v1/traces`, and of which share of requests and jobs."""

    endpoint: str | None = Field(default=None, pattern=r"^https?://")
    share: float = Field(default=0.05, ge=0, le=1)


class OutboundSettings(Group):
    """Where requests to URLs that others chose may go, such as those of webhooks: networks as `10.0.0.0/8`.

    Public addresses need no word here. What is allowed besides is for demos: production refuses it. What is
    refused besides are public networks of one's own, or the prefix of one's NAT64.
    """

    allowed_networks: tuple[IPvAnyNetwork, ...] = ()
    refused_networks: tuple[IPvAnyNetwork, ...] = ()
