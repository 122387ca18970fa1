"""Name the plots of an evaluation, and check which metrics a PNG shows, without matplotlib.

Every plot contains the sha256 of the metrics that it shows in a PNG text chunk.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

PLOTS = {
    "confusion": "confusion matrix",
    "reliability": "reliability diagram",
    "coverage": "accuracy by coverage",
    "robustness": "accuracy under corruptions",
    "shift": "reliability diagram under shift",
}
NEEDED = {"robustness": "robustness", "shift": "shifted"}
"""Plot -> the part of an evaluation that it needs, where not all have it."""
KEYWORD = "Source"
"""Keyword of the PNG text chunk."""


def list_plots(metrics: dict[str, Any]) -> list[str]:
    """List the plots that an evaluation has data for."""
    return [plot for plot in PLOTS if plot not in NEEDED or NEEDED[plot] in metrics]


def compute_digest(shown: Any) -> str:
    """Return the sha256 of the metrics in canonical JSON."""
    plain = json.loads(json.dumps(shown))  # as read from a file: lists for tuples, text keys
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def is_plot_of(path: Path, shown: Any) -> bool:
    """Return whether the PNG contains the digest of these metrics."""
    return f"{KEYWORD}\0{compute_digest(shown)}".encode() in path.read_bytes()
