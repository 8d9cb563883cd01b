"""Documents to records: tables, forms, fixed-width dumps, nested values, prose."""
