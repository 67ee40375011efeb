"""Files as people have them, read into a table."""
