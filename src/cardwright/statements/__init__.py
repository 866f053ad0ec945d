"""Statements: a wallet's movements over a period, equal to the ledger, as data and as pages."""

from cardwright.statements.domain import Line, OpenHold, Period, Statement
from cardwright.statements.service import make_statement

__all__ = ["Line", "OpenHold", "Period", "Statement", "make_statement"]
