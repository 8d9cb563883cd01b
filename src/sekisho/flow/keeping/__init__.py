"""The vault itself: what it holds, its secrets, its copies, what must never come back, whether all of it is sound."""
