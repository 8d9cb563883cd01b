"""The encrypted directory that holds everything: keys, tables, the store."""
