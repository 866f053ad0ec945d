"""Audit: who did what to whom, when and from where; a trail that is only added to, sealed and signed.

`record` writes an entry in the transaction of the act; `seal`, run by the worker, makes entries leaves of a
signed Merkle tree; `export_lines` writes what was sealed, and `verify_export` judges that with the public key
alone; `verify` compares the database with it.
"""

from cardwright.audit.action_names import Action
from cardwright.audit.actions import handbook
from cardwright.audit.domain import AuditEntry
from cardwright.audit.service import erase_personal_data, record, record_look
from cardwright.audit.trail import (
    TRAIL,
    TrailReport,
    export_lines,
    get_head,
    list_trails,
    seal,
    verify,
    verify_export,
)

__all__ = [
    "TRAIL",
    "Action",
    "AuditEntry",
    "TrailReport",
    "erase_personal_data",
    "export_lines",
    "get_head",
    "handbook",
    "list_trails",
    "record",
    "record_look",
    "seal",
    "verify",
    "verify_export",
]
