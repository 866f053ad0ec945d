"""What every slice speaks: money, ids, time, errors, sensitive values. Standard library only."""
