"""What the product costs, measured against the bare readers and against its peers in one run."""
