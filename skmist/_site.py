"""Where the documentation site is, for the links of the estimators' HTML representation."""

from __future__ import annotations

__all__ = ["SiteLink", "site_root"]

from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path


class SiteLink:
    """Links the HTML representation of an estimator to its page; goes before `BaseEstimator`.

    scikit-learn asks for the two attributes, and shows no link where the second is empty.
    """

    _doc_link_module = "skmist"

    @property
    def _doc_link_template(self) -> str:
        root = site_root()
        return f"{root}/api/generated/skmist.{{estimator_name}}.html" if root else ""


def site_root() -> str:
    """Address of the site: built in this source tree, or named by the installed package, or ''.

    The package names it once there is a host: as Documentation among the URLs of pyproject.toml.
    """
    built = Path(__file__).parents[1] / "doc" / "_build" / "html"
    if (built / "index.html").exists():
        return built.as_uri()
    try:
        named = metadata("skmist").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    addresses = dict(line.split(", ", 1) for line in named)
    return addresses.get("Documentation", "").rstrip("/")
