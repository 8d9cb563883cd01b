"""Records and holders that may be the same person, by a model that is learned from them."""
