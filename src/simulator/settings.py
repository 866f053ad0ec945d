"""The keys, ids and numbers the simulated providers accept: all made up, all replaceable."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """What the outside world knows about us before the first request arrives."""

    host: str = "127.0.0.1"
    port: int = 4020
    smtp_port: int = 4025

    stripe_secret_key: str = "sk_test_cardwright_simulator"  # noqa: S105 - made up
    stripe_publishable_key: str = "pk_test_cardwright_simulator"

    twilio_account_sid: str = "AC00000000000000000000000000000001"
    twilio_auth_token: str = "simulator-twilio-token"  # noqa: S105 - made up
    twilio_numbers: tuple[str, ...] = ("+15005550006",)
    twilio_messaging_service_sid: str = "MG00000000000000000000000000000001"
    sms_step_milliseconds: int = 150

    acs_api_key: str = "simulator-acs-key"

    fcm_project: str = "cardwright-demo"
    fcm_client_email: str = "push@cardwright-demo.example"

    @property
    def base_url(self) -> str:
        """Where the simulator's HTTP listener is reached, without a trailing slash."""
        return f"http://{self.host}:{self.port}"
