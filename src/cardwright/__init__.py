"""Cardwright: a self-hosted platform that issues virtual cards and explains every decision."""
