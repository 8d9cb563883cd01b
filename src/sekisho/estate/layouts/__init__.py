"""How records are laid out: each layout takes persons and gives a content and what it says of whom."""
