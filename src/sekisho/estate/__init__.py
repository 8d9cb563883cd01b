"""The invented estate and register, with the truth. Every person in it is invented."""
