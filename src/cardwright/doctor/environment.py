"""Whether the environment is complete, safe, and says nothing that nobody reads."""

import os
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from pydantic import ValidationError

from cardwright.doctor.findings import Finding, ok, problem, skipped, warning
from cardwright.settings import Settings, named_faults

_PREFIX: Final = "CARDWRIGHT_"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NOT_FIT: Final = "not fit for production: "
_OF_OTHERS: Final = frozenset({"SERVER", "SKIP_NOTHING", "RACERS", "FUZZ_CASES", "THOROUGH"})
"""What the mobile app and the tests read; no server does."""


def read_settings() -> tuple[Settings | None, list[Finding]]:
    """Return the settings, or None and every fault of theirs."""
    try:
        settings = Settings()
    except ValidationError as error:
        return None, [found for name, said in named_faults(error) for found in _faults(name, said)]
    return settings, [ok("settings", f"The environment is complete ({settings.environment}).")]


def _faults(name: str, said: str) -> list[Finding]:
    _, is_refusal, weaknesses = said.partition(_NOT_FIT)
    if is_refusal:
        remedy = "Set it as production needs it; docs/guides/operations.md says what each is for."
        return [
            problem("settings", f"Production refuses it: {each}.", remedy) for each in weaknesses.split("; ")
        ]
    return [problem("settings", f"{name}: {said}.", f"Set {name} in the environment of every process.")]


def examine_settings(settings: Settings) -> list[Finding]:
    """Look at what the settings say, without asking anybody."""
    return [*_secrets(settings), *_address(settings), *_unknown_variables()]


def _secrets(settings: Settings) -> list[Finding]:
    weaknesses = settings.weaknesses()
    if weaknesses:
        # Only a demo comes here with any: production would not have started.
        return [
            warning(
                "secrets",
                f"This is a demo's environment; production would refuse it: {'; '.join(weaknesses)}.",
                "Nothing, for a demo. For real money set CARDWRIGHT_ENVIRONMENT=production and mend each.",
            )
        ]
    said = [ok("secrets", "No secret is a default, the simulator's, or too short.")]
    given = [secret for _, secret in settings.secrets()]
    if len(set(given)) < len(given):
        remedy = "Give each its own: whoever learns one must not have learned another."
        said.append(problem("secrets", "Two settings hold the same secret.", remedy))
    return said


def _address(settings: Settings) -> list[Finding]:
    url = urlsplit(settings.public_url)
    found: list[Finding] = []
    if url.path.strip("/") or url.query or url.fragment:
        found.append(
            problem(
                "address",
                f"public_url is more than an origin: {settings.public_url}.",
                "Leave path and query out: cookies and passkeys are bound to the origin, `https://cards.example`.",
            )
        )
    if url.scheme != "https" and url.hostname not in _LOOPBACK:
        found.append(
            problem(
                "cookies",
                "Browsers refuse the session cookie, which is Secure: public_url is plain HTTP.",
                "Serve it by a proxy that speaks TLS and set CARDWRIGHT_PUBLIC_URL to its https address.",
            )
        )
    elif settings.environment == "production" and url.hostname in _LOOPBACK:
        remedy = "Set CARDWRIGHT_PUBLIC_URL to the address that people and vendors reach."
        found.append(problem("address", "public_url is this machine's own name.", remedy))
    elif url.scheme == "https":
        found.append(ok("cookies", "The session cookie is `__Host-`, Secure and bound to the https origin."))
    else:
        found.append(ok("cookies", "Plain HTTP on this machine alone, where browsers take a Secure cookie."))
    return found


def _unknown_variables() -> list[Finding]:
    known = {name.upper() for name in Settings.model_fields} | _OF_OTHERS
    strangers = sorted(
        name
        for name in os.environ
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX).split("__")[0].upper() not in known
    )
    if not strangers:
        return []
    remedy = "Look for a mistake in the name: nothing reads it, and what it was to change keeps its default."
    return [warning("settings", f"Nobody reads {', '.join(strangers)}.", remedy)]


def without_settings(checks: Sequence[str]) -> list[Finding]:
    """Return what cannot be looked at while the settings are not right."""
    return [skipped(check, "Not looked at: it needs settings that are right.") for check in checks]
