"""Card programs: the tenant that every customer, card, account and rulebook belongs to."""

from cardwright.programs.domain import Program
from cardwright.programs.store import ensure_program, find_currency, find_program, list_programs

__all__ = ["Program", "ensure_program", "find_currency", "find_program", "list_programs"]
