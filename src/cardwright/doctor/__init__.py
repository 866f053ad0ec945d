"""Examines an installation: its settings, database, keys, vendors' credentials, worker and books."""

from cardwright.doctor.examination import Scope, examine
from cardwright.doctor.findings import Finding, Level, is_fit

__all__ = ["Finding", "Level", "Scope", "examine", "is_fit"]
