"""Variational bounds with a critic that is trained on the sample."""
