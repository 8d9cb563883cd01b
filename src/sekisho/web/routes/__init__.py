"""What is answered: one file a group of routes, each with its ``ROUTES``."""
