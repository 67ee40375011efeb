"""Fixed sets of distributions that others published, to measure on."""
