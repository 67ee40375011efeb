"""Is there any: permutation tests of independence."""
