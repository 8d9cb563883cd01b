"""Fellegi-Sunter matching without labels: prepare, block, compare, train, score."""
