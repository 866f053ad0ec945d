"""A stateful stand-in for the outside world, spoken to only over HTTP and SMTP."""
