"""What follows from a leak of the invented estate, as in 2015: a register with its history, changes, callers."""
