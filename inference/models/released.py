"""The released networks and their verified bytes.

Imports no NumPy, OpenCV or ONNX Runtime, so that the web process can serve the files to browsers.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.errors import ModelCorrupt, ModelMissing

WEIGHTS = Path(__file__).parents[1] / "weights"


@dataclass(frozen=True)
class ReleasedModel:
    """One entry of `weights/models.json`."""

    name: str
    path: Path
    sha256: str
    side: int


def get_weights_folder() -> Path:
    """Return `FER_WEIGHTS` (a school's adapted networks), or the folder of the released ones."""
    chosen = os.environ.get("FER_WEIGHTS")
    try:
        return Path(chosen).expanduser() if chosen else WEIGHTS
    except RuntimeError as error:
        raise ModelMissing(f"FER_WEIGHTS is {chosen}: this home folder is not known") from error


def list_released_models(folder: Path | None = None) -> tuple[str, dict[str, ReleasedModel]]:
    """Return the default model's name, and the models of `models.json` in `folder` by name.

    Args:
        folder: `get_weights_folder()` by default.

    Raises:
        ModelMissing: The folder has no `models.json`.
    """
    folder = folder or get_weights_folder()
    try:
        text = (folder / "models.json").read_text(encoding="utf-8")
    except OSError as error:
        raise ModelMissing(f"{folder} has no models.json; is FER_WEIGHTS right?") from error
    listing: dict[str, Any] = json.loads(text)
    models = {
        name: ReleasedModel(name, folder / entry["file"], entry["sha256"], entry["side"])
        for name, entry in listing["models"].items()
    }
    return listing["default"], models


def find_model(sha256: str) -> tuple[str, Path] | None:
    """Return name and folder of the network with these bytes, or None.

    Networks of `FER_WEIGHTS` and released ones are found. The former can have the same names.
    """
    for folder in (WEIGHTS, get_weights_folder()):
        try:
            _, models = list_released_models(folder)
        except ModelMissing:  # the folder was moved since
            continue
        for model in models.values():
            if model.sha256 == sha256:
                return model.name, folder
    return None


def select_model(name: str | None = None) -> ReleasedModel:
    """Return the released network `name`, else the environment's FER_MODEL, else the default.

    Raises:
        ModelMissing: No network has this name.
    """
    default, models = list_released_models()
    name = name or os.environ.get("FER_MODEL") or default
    if name not in models:
        raise ModelMissing(f"no model is called {name!r}; FER_MODEL can be {', '.join(models)}")
    return models[name]


def read_pinned(path: Path, sha256: str) -> bytes:
    """Read a file and verify its sha256 (64 hex digits).

    Raises:
        ModelMissing: There is no such file.
        ModelCorrupt: The file has another sha256.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ModelMissing(
            f"put the model file with sha256 {sha256} at {path}; there is none"
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelCorrupt(
            f"{path} has sha256 {found}; replace it by the file with sha256 {sha256}"
        )
    return content
