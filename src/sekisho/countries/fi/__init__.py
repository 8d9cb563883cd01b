"""Finland, kept small: it shows that a country is a folder."""
