"""Whether the keys are there: those that data is sealed with, and the one that signs the trail."""

from cardwright import encryption, wiring
from cardwright.db.session import Session
from cardwright.doctor.findings import Finding, ok, problem, skipped
from cardwright.encryption import Keyring
from cardwright.programs import list_programs
from cardwright.settings import AuditSettings, KeySettings


def read_keyring(settings: KeySettings) -> tuple[Keyring | None, list[Finding]]:
    """Return the keyring, or None and why there is none."""
    try:
        return wiring.make_keyring(settings), []
    except (ValueError, ImportError) as error:
        remedy = "Put the key file back from where you keep it; a new one opens nothing of what is stored."
        return None, [problem("encryption keys", f"{error}.", remedy)]


async def examine_keys(session: Session, keyring: Keyring) -> list[Finding]:
    """Unwrap every data key that is not destroyed, with whoever keeps the keys they are wrapped with."""
    programs = await list_programs(session)
    if not programs:
        return [
            skipped("encryption keys", "There is no program yet: the first start makes it, and its keys.")
        ]
    lost, opened = [], 0
    for program in programs:
        for key in await encryption.list_key_status(session, keyring, program.id):
            if key.state == "destroyed":
                continue
            if await encryption.can_unwrap(session, keyring, key.key_id):
                opened += 1
            else:
                lost.append(f"{key.key_id} ({key.purpose} {key.epoch}, under {key.provider_key_id})")
    if lost:
        remedy = "Put the key that wraps them back. Until then what they sealed can be read by nobody."
        return [problem("encryption keys", f"Not to be unwrapped: {', '.join(lost)}.", remedy)]
    return [ok("encryption keys", f"All {opened} data keys of {len(programs)} program(s) can be unwrapped.")]


def examine_signing_key(settings: AuditSettings) -> list[Finding]:
    """Look whether the key of the audit trail is one that can sign."""
    try:
        signer = wiring.make_checkpoint_signer(settings)
    except (ValueError, TypeError):
        # Without the cause, which may show the key.
        remedy = (
            "Make a PEM with `openssl genpkey -algorithm ed25519` and set CARDWRIGHT_AUDIT__SIGNING_KEY_PEM."
        )
        return [problem("audit key", "audit.signing_key_pem is not the PEM of an Ed25519 key.", remedy)]
    return [
        ok(
            "audit key",
            f"The trail is signed with an Ed25519 key; {len(signer.public_keys) - 1} retired one(s).",
        )
    ]
