"""What does the resident want? Pure: no database, network or framework."""
