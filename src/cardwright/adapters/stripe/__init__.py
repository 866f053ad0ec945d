"""Stripe, spoken to through its official SDK: Issuing, Identity, PaymentIntents, webhooks."""
