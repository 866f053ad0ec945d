"""Visa B2B Virtual Account Payments: mutual TLS, x-pay-token and encrypted messages."""
