"""Which drawings there are, and of which figures each was made. Needs no matplotlib.

Every drawing carries the sha256 of the figures that it shows, so that a check can tell whether it
is still theirs without drawing it anew.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

PARTS = {
    "confusion": "confusion",
    "reliability": "reliability",
    "coverage": "accuracy by coverage",
    "robustness": "accuracy on harmed faces",
}
KEYWORD = "Source"
"""of the PNG text that holds the sha256"""


def parts_of(figures: dict[str, Any]) -> list[str]:
    """Names of the drawings that an evaluation allows."""
    return [part for part in PARTS if part != "robustness" or "robustness" in figures]


def stamp(what: Any) -> str:
    """sha256 of figures."""
    plain = json.loads(json.dumps(what))  # as it comes out of a file
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def is_drawn_from(path: Path, what: Any) -> bool:
    """Does this PNG say that it shows these figures?"""
    return f"{KEYWORD}\0{stamp(what)}".encode() in path.read_bytes()
