"""What staff see first: how the program decides, what waits and since when, how vendors answer."""
