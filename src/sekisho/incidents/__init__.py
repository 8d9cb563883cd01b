"""Persons to exposures and the table that is announced."""
