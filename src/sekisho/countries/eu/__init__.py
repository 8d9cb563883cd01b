"""The European Union: what its law asks for after a breach. Nothing of identifiers or words yet."""
