"""Sealing: rows that are only added to become leaves of a signed Merkle tree that any outsider can judge.

A slice describes its rows once (`SealedLog`). `seal`, run by the worker, makes what is new leaves and signs a
checkpoint; `export_lines` writes what was sealed, and `verify_export` judges that with the public key alone;
`verify` compares the rows of the database with their leaves.
"""

from cardwright.sealing.checks import Finding, SealReport, verify
from cardwright.sealing.export import Begin, export_lines, exported_checkpoint, get_head
from cardwright.sealing.log import SealedLog
from cardwright.sealing.notes import CheckpointSigner, read_public_key
from cardwright.sealing.sealer import TrailBroken, seal
from cardwright.sealing.standing import Recompute, SealsView, show_seals
from cardwright.sealing.store import Head, checkpoints_table, list_trails, seals_table, written_in
from cardwright.sealing.verifier import (
    Checkpoint,
    ExportFormat,
    Problem,
    Verdict,
    read_checkpoint,
    verify_export,
)

__all__ = [
    "Begin",
    "Checkpoint",
    "CheckpointSigner",
    "ExportFormat",
    "Finding",
    "Head",
    "Problem",
    "Recompute",
    "SealReport",
    "SealedLog",
    "SealsView",
    "TrailBroken",
    "Verdict",
    "checkpoints_table",
    "export_lines",
    "exported_checkpoint",
    "get_head",
    "list_trails",
    "read_checkpoint",
    "read_public_key",
    "seal",
    "seals_table",
    "show_seals",
    "verify",
    "verify_export",
    "written_in",
]
