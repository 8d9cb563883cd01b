"""What matching left to humans: whose a record is by what was answered, and what waits for a second clerk."""
