"""Which of our own networks are released, and their checked bytes. Importing this costs nothing:
no NumPy, no OpenCV, no ONNX Runtime, so that the web process can hand the files to browsers."""

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


def weights_folder() -> Path:
    """`FER_WEIGHTS`, where a school keeps networks that it adapted, or the folder of our own."""
    chosen = os.environ.get("FER_WEIGHTS")
    return Path(chosen).expanduser() if chosen else WEIGHTS


def released_models(folder: Path | None = None) -> tuple[str, dict[str, ReleasedModel]]:
    """The default model's name, and every model that `models.json` in `folder` lists, by name.

    `folder` defaults to `weights_folder()`. Raises ModelMissing where it has no such listing.
    """
    folder = folder or weights_folder()
    try:
        text = (folder / "models.json").read_text(encoding="utf-8")
    except OSError as error:
        raise ModelMissing(f"{folder} has no models.json; is FER_WEIGHTS right?") from error
    listing: dict[str, Any] = json.loads(text)
    models = {
        name: ReleasedModel(name, folder / each["file"], each["sha256"], each["side"])
        for name, each in listing["models"].items()
    }
    return listing["default"], models


def chosen_model(name: str | None = None) -> ReleasedModel:
    """The released network called `name`, else the environment's FER_MODEL, else the default.

    Raises ModelMissing for a name that none has.
    """
    default, models = released_models()
    name = name or os.environ.get("FER_MODEL") or default
    if name not in models:
        raise ModelMissing(f"no model is called {name!r}; FER_MODEL can be {', '.join(models)}")
    return models[name]


def read_pinned(path: Path, sha256: str) -> bytes:
    """The bytes of `path`, whose sha256 (64 hex digits) has to be the pinned one.

    Raises ModelMissing where there is no such file and ModelCorrupt where it holds other bytes.
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
