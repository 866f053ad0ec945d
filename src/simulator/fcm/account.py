"""The one service account Google knows: its key pair is made when first needed and then kept."""

import json
import os
from typing import Any

from joserfc.jwk import RSAKey

from simulator.world import World

ACCOUNT_KIND = "fcm_service_account"
ACCOUNT_ID = "key"
FILE_NAME = "fcm-service-account.json"
_KEY_BITS = 2048


def ensure_service_account(world: World) -> None:
    """Write the account's file into the data folder; without a folder the key is made when asked for."""
    if world.data_dir is None:
        return
    document = json.dumps(service_account_document(world), indent=2)
    path = world.data_dir / FILE_NAME
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(document)


def service_account_document(world: World) -> dict[str, Any]:
    """Return the account in the form google-auth reads; its token_uri points at this simulator."""
    kept = _kept(world)
    return {
        "type": "service_account",
        "project_id": world.settings.fcm_project,
        "private_key_id": kept["private_key_id"],
        "private_key": kept["private_key"],
        "client_email": world.settings.fcm_client_email,
        "client_id": "100000000000000000001",
        "token_uri": f"{world.settings.base_url}/token",
        "universe_domain": "googleapis.com",
    }


def account_key(world: World) -> RSAKey:
    """Return the key that the account signs its assertions with."""
    return RSAKey.import_key(_kept(world)["private_key"])


def _kept(world: World) -> dict[str, Any]:
    kept = world.objects.get(ACCOUNT_KIND, ACCOUNT_ID)
    if kept is None:
        key = RSAKey.generate_key(_KEY_BITS)
        pem = key.as_pem(private=True).decode()
        kept = {"id": ACCOUNT_ID, "private_key": pem, "private_key_id": key.thumbprint()}
        world.objects.put(ACCOUNT_KIND, kept)
    return kept
