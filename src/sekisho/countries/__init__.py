"""What differs by country; one folder, one country."""
