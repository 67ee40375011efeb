"""Settings of the documentation site: `make doc` builds it in doc/_build/html, without a network.

Pages are Markdown as they read in the source tree, so links lead to files of the tree; `pages.py`
turns them into links of the site.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import skmist  # noqa: E402  what is built is this tree, installed or not

project, author, copyright = "skmist", "The skmist developers", "The skmist developers"
release = skmist.__version__.removesuffix("+not.installed")
version = release
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "pages",
]
exclude_patterns = [
    "_build",
    "_templates",
    "gallery/*",
    "examples/results",
    "auto_gallery/*.ipynb",
]
templates_path = ["_templates"]
suppress_warnings = [
    "config.cache",  # sphinx-gallery's settings cannot be kept
]

autosummary_generate = True
autodoc_typehints = "none"  # the docstrings have the types
numpydoc_show_class_members = False  # the template lists them
numpydoc_xref_param_type = False
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4

sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "auto_gallery",
    "within_subsection_order": "gallery_order.ReadingOrder",
    "doc_module": ("skmist",),
    "backreferences_dir": "api/backreferences",
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,  # a page that wants scripts from elsewhere
    "copyfile_regex": r".*\.css",
    "ignore_repr_types": r"matplotlib|skmist\.plotting",
}

html_theme = "pydata_sphinx_theme"
html_title = "skmist"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_math_renderer = "mathml"
html_sidebars = {"index": [], "start": [], "choose": []}
html_theme_options = {
    "logo": {"text": "skmist"},
    "show_prev_next": False,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 8,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "secondary_sidebar_items": ["page-toc"],
}
