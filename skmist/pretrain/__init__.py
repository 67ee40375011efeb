"""Pretraining of the net: ``python -m skmist.pretrain CONFIG.toml``.

Nothing else in the package imports this. See ``doc/pretraining.md``.
"""
