"""What an entry of the audit trail says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `details` is small JSON, with `before` and `after` where a sensitive value changed.

    `request_id` and `client_address` say where it came from; both are None for what no request caused.
    """

    id: str
    program_id: str
    actor_id: str
    action: str
    subject_id: str
    details: Mapping[str, Any]
    occurred_at: datetime
    request_id: str | None = None
    client_address: str | None = None
    user_agent: str | None = None
