"""Nearest neighbors in the maximum norm, and what lies within their distance."""
