"""Deep InfoMax: representations that keep the most information about their input."""
