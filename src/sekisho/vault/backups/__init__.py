"""Backups of a vault and of its keys, and the way back."""
