"""PostgreSQL: sessions, the outbox, the inbox of webhooks, idempotency keys, migrations."""
