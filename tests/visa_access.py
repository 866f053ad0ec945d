"""What a client of the simulated Visa needs, as its listener made it."""

import socket
from dataclasses import replace
from pathlib import Path

from cardwright.adapters.visa.client import VisaAccess
from cardwright.core.sensitive import Sensitive
from running_simulator import QUICK
from simulator.settings import SimulatorSettings
from simulator.visa.certificates import Papers


def settings_with_visa(folder: Path) -> SimulatorSettings:
    """Return settings of a simulator that also listens as Visa."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return replace(QUICK, visa_port=port, visa_folder=folder)


def access_to(settings: SimulatorSettings) -> VisaAccess:
    """Return the access of the one project that the simulator knows."""
    papers = Papers(settings.visa_folder)
    return VisaAccess(
        base_url=f"https://{settings.host}:{settings.visa_port}",
        user_id=settings.visa_user_id,
        password=Sensitive(settings.visa_password),
        api_key=Sensitive(settings.visa_api_key),
        shared_secret=Sensitive(settings.visa_shared_secret),
        client_certificate=papers.certificate("client"),
        client_key=papers.key("client"),
        authority=papers.certificate("authority"),
        message_key_id=settings.visa_key_id,
        message_certificate=papers.certificate("mle-visa"),
        message_key=papers.key("mle-client"),
        client_id=settings.visa_client_id,
        buyer_id=settings.visa_buyer_id,
        proxy_pool_id=settings.visa_proxy_pool_id,
    )
