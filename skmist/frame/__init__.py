"""Tables: every column against one, or against every other."""
