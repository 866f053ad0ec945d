"""Onfido: workflow runs of Studio, through its published API."""
