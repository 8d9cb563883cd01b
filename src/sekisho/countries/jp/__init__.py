"""Japan: one file, one identifier. Each defines IDENTIFIER, a `model.Identifier`; words.toml: what stands around."""
