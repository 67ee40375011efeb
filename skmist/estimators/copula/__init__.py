"""The Gaussian copula: canonical correlations of normal scores."""
