"""Numbers that leaked are replaced by numbers of the issuer's, and whoever has one is told."""
