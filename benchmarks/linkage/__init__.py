"""Matching at the scale of a nation: invented registers and orphans, with the truth (docs/linkage-generator.md)."""
