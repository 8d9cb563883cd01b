"""Callers, counters and other systems ask about one person, and are answered as of a version."""
