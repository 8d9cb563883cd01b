"""The United States: what the law of its states asks for after a breach. Nothing of identifiers or words yet."""
