"""What breaks the rules is put right, by a plan that another actor approves."""
