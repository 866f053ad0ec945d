"""Audit: who did what to whom, when and from where; a trail that is only ever added to."""

from cardwright.audit.domain import AuditEntry
from cardwright.audit.service import record

__all__ = ["AuditEntry", "record"]
