"""What families are made of: their base class, random draws, functions and maps."""
