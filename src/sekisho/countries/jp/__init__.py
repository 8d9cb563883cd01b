"""Japan: one file, one identifier. Each defines IDENTIFIER, a `model.Identifier`."""
