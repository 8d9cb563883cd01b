"""Contents into bytes, one module a family of formats."""
