"""What SendGrid tells about e-mails that it took: events, signed with a key on P-256.

A mailbox whose name starts with "hard-bounce" bounces after its mail was taken, one with "complaint" reports
it as spam, and any other gets it. Nothing is told until an endpoint is set.
"""

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from simulator.clock import VirtualClock, wall_timestamp
from simulator.objects import ObjectStore
from simulator.webhooks import Dispatcher, Message

CHANNEL = "sendgrid"
_SETUP_KIND = "sendgrid_setup"
_SETUP_ID = "events"
# Made up, like everything here: it vouches for nothing outside of the simulator.
_KEY = ec.derive_private_key(0x5E9D62D0C0FFEE, ec.SECP256R1())
_BOUNCED = {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such mailbox"}
_TOLD = {"hard-bounce": _BOUNCED, "complaint": {"event": "spamreport"}}


def verification_key() -> str:
    """Return the public key as SendGrid's pages show it."""
    der = _KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def signed_headers(_url: str, body: str, _secret: str) -> dict[str, str]:
    """Sign a batch of events: ECDSA over the time and the raw body."""
    timestamp = str(wall_timestamp())
    signature = _KEY.sign(timestamp.encode() + body.encode(), ec.ECDSA(SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }


class EmailEvents:
    """Tells the endpoint that was set what became of each e-mail."""

    def __init__(self, objects: ObjectStore, clock: VirtualClock, dispatcher: Dispatcher) -> None:
        self._objects = objects
        self._clock = clock
        self._dispatcher = dispatcher
        dispatcher.register_signer(CHANNEL, signed_headers)

    def set_endpoint(self, url: str) -> None:
        """Tell this address from now on."""
        self._objects.put(_SETUP_KIND, {"id": _SETUP_ID, "url": url})

    def tell(self, recipient: str, message_id: str) -> None:
        """Tell what became of one e-mail to one recipient."""
        setup = self._objects.get(_SETUP_KIND, _SETUP_ID)
        if setup is None:
            return
        told = next((it for name, it in _TOLD.items() if recipient.lower().startswith(name)), None)
        event: dict[str, Any] = {
            "email": recipient,
            "timestamp": self._clock.timestamp(),
            "smtp-id": message_id,
            "sg_message_id": self._objects.new_id("sg"),
            "sg_event_id": self._objects.new_id("sge"),
            **(told or {"event": "delivered", "response": "250 OK"}),
        }
        self._dispatcher.submit(
            Message(
                channel=CHANNEL,
                endpoint=setup["url"],
                url=setup["url"],
                topic=f"sendgrid.{event['event']}",
                reference=message_id,
                body=json.dumps([event]),
                secret="",
            )
        )
