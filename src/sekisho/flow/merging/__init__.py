"""What a matching found becomes merges and questions; clerks and persons answer, a second clerk confirms."""
