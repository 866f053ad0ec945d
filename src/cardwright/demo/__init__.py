"""The demonstration: the whole product on one machine, and a story told while it does its job."""
