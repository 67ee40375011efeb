"""Nearest neighbors: the estimators of Kraskov, Stögbauer and Grassberger."""
