"""Everybody, each person and the authorities are told of a leak."""
