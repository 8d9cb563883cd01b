"""sekisho: whose personal data lies where, how protected, and what follows when it leaks."""
