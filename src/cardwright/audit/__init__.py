"""Audit: who did what to whom, when and from where; a trail that is only added to, sealed and signed.

`record` writes an entry in the transaction of the act; `seal`, run by the worker, makes entries leaves of a
signed Merkle tree; `export_lines` writes what was sealed, and `verify_export` judges that with the public key
alone; `verify` compares the database with it.
"""

from cardwright.audit.actions import Action, handbook
from cardwright.audit.checks import Finding, TrailReport, verify
from cardwright.audit.domain import AuditEntry
from cardwright.audit.export import export_lines, exported_checkpoint, get_head
from cardwright.audit.notes import CheckpointSigner, read_public_key
from cardwright.audit.seal_store import Head, list_trails
from cardwright.audit.sealing import TrailBroken, seal
from cardwright.audit.service import erase_personal_data, record, record_look
from cardwright.audit.verifier import Checkpoint, Problem, Verdict, read_checkpoint, verify_export

__all__ = [
    "Action",
    "AuditEntry",
    "Checkpoint",
    "CheckpointSigner",
    "Finding",
    "Head",
    "Problem",
    "TrailBroken",
    "TrailReport",
    "Verdict",
    "erase_personal_data",
    "export_lines",
    "exported_checkpoint",
    "get_head",
    "handbook",
    "list_trails",
    "read_checkpoint",
    "read_public_key",
    "record",
    "record_look",
    "seal",
    "verify",
    "verify_export",
]
