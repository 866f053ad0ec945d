"""The demo's own secrets: made at the first start, kept in its data folder, readable by its owner only."""

import json
import os
import secrets
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cardwright.adapters.key_file import add_key

KEY_FILE: Final = "encryption-keys.json"
ENVIRONMENT_FILE: Final = "environment"
"""What processes are started with, to be read by a shell."""


@dataclass(frozen=True, slots=True)
class DemoKeys:
    """What the processes are given, and the staff's pass phrase, which the demo prints."""

    code_key: str
    staff_password: str
    audit_key_pem: str = ""
    web_push_key: str = ""
    webhook_endpoint: str = ""
    webhook_secret: str = ""


def load_or_make(path: Path) -> DemoKeys:
    """Return the keys of a data folder."""
    if path.exists():
        known = {member.name for member in fields(DemoKeys)}
        stored = json.loads(path.read_text())
        # An older demo kept more, and one before it did not seal its audit trail.
        keys = DemoKeys(**{name: value for name, value in stored.items() if name in known})
        if not keys.audit_key_pem or not keys.web_push_key:
            keys = replace(
                keys,
                audit_key_pem=keys.audit_key_pem or new_signing_key_pem(),
                web_push_key=keys.web_push_key or new_web_push_key(),
            )
            save(path, keys)
        return keys
    keys = DemoKeys(
        code_key=secrets.token_urlsafe(32),
        staff_password=f"demo-{secrets.token_hex(8)}",
        audit_key_pem=new_signing_key_pem(),
        web_push_key=new_web_push_key(),
    )
    save(path, keys)
    return keys


def new_signing_key_pem() -> str:
    """Return a fresh Ed25519 private key as PEM."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


def new_web_push_key() -> str:
    """Return a fresh VAPID key: 32 bytes as base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()


def ensure_key_file(data: Path) -> Path:
    """Return a data folder's file of key-encryption keys; production would refuse it."""
    path = data / KEY_FILE
    if not path.exists():
        add_key(path, is_demo=True)
    return path


def save(path: Path, keys: DemoKeys) -> None:
    """Write the keys; a reader sees the old file or the new one, never half of one."""
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(keys), file, indent=2)
    draft.replace(path)
