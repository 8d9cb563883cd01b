"""The holders with every state they ever had, and the envelopes in which persons are found."""
