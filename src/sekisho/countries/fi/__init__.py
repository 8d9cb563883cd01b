"""Finland, the small second country: one file, one identifier; words.toml: what stands around."""
