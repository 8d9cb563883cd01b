"""What the rules demand, held against what was found."""
