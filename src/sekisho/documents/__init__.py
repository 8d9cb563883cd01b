"""Bytes to documents: formats, protection, passwords, and the child process that parses."""
