"""The types of events, one module per area."""
