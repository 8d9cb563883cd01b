"""Keys: the secrets that open a vault, the root key they seal, every key under it, and those that can be destroyed."""
