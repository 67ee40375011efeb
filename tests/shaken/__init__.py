"""What must not matter: settings of others, faults, hostile input, many at once."""
