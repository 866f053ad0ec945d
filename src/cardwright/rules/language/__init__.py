"""The rule language: a total, statically typed subset of CEL, with its checker and back ends."""
