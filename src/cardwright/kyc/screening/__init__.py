"""Whether people are on lists of those nobody may serve."""
