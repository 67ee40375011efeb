"""How sure: intervals by resampling, and whether intervals hold what they should."""
