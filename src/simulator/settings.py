"""The keys, ids and numbers the simulated providers accept: all made up, all replaceable."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """What the outside world knows about us before the first request arrives."""

    host: str = "127.0.0.1"
    port: int = 4020
    smtp_port: int = 4025
    url: str | None = None
    """Where others reach us, when that is not where we listen."""
    authority: Path | None = None
    """PEM of a certificate authority that receivers of webhooks may have, besides the public ones."""

    stripe_secret_key: str = "sk_test_cardwright_simulator"  # noqa: S105 - made up
    stripe_publishable_key: str = "pk_test_cardwright_simulator"

    twilio_account_sid: str = "AC00000000000000000000000000000001"
    twilio_auth_token: str = "simulator-twilio-token"  # noqa: S105 - made up
    twilio_numbers: tuple[str, ...] = ("+15005550006",)
    twilio_messaging_service_sid: str = "MG00000000000000000000000000000001"
    sms_step_milliseconds: int = 150

    acs_api_key: str = "simulator-acs-key"

    onfido_token: str = "simulator-onfido-token"  # noqa: S105 - made up
    onfido_webhook_token: str = "simulator-onfido-webhook-token"  # noqa: S105 - made up
    onfido_workflow_id: str = "00000000-0000-4000-8000-000000000002"

    fcm_project: str = "cardwright-demo"
    fcm_client_email: str = "push@cardwright-demo.example"

    visa_port: int | None = None
    visa_folder: Path = Path("visa-papers")
    visa_user_id: str = "simulator-visa-user"
    visa_password: str = "simulator-visa-password"  # noqa: S105 - made up
    visa_api_key: str = "simulator-visa-api-key"
    visa_shared_secret: str = "simulator-visa-shared-secret"  # noqa: S105 - made up
    visa_key_id: str = "00000000-0000-4000-8000-000000000001"
    visa_client_id: str = "B2BWS_1_1_9999"
    visa_buyer_id: str = "9999"
    visa_proxy_pool_id: str = "SIMULATED"

    @property
    def base_url(self) -> str:
        """Where the simulator's HTTP listener is reached, without a trailing slash."""
        return self.url or f"http://{self.host}:{self.port}"
