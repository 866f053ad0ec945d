"""A private PostgreSQL and a private Valkey from PyPI wheels, for the demo and the tests."""

from cardwright.db.embedded.postgres import EmbeddedPostgres
from cardwright.db.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey"]
