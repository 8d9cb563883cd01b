"""Each product of a response to a leak, held against the truth of the invented case that it was made for."""
