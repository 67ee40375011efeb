"""Training of the net: ``python -m skmist.pretrain CONFIG.toml``, and `fine_tune`.

See ``doc/pretraining.md`` and ``doc/adaptation.md``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from skmist.pretrain.fine_tuning import fine_tune as fine_tune

__all__ = ["fine_tune"]


def __getattr__(name: str) -> object:
    # by need: what `python -m skmist.pretrain` sets must be set before torch is imported
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from skmist.pretrain import fine_tuning

    return getattr(fine_tuning, name)
