"""What a learner's own device reads faces with: the same files that the workers open.

They come from this installation alone, by their sha256, so that no third party learns of a lesson
and a browser may keep them. Nothing is opened here: bytes are checked and handed out.
"""

from dataclasses import dataclass

from fer_lms.streaming.wire.device_scores import LABELS_VERSION
from inference.errors import ModelCorrupt, ModelMissing
from inference.models.released import chosen_model, read_pinned, released_models
from inference.models.store import FACE_LANDMARKER, find
from inference.results import LABELS


@dataclass(frozen=True, slots=True)
class DeviceModels:
    """Which files, and how the network's input and output are to be understood."""

    landmarks_sha256: str
    network_sha256: str
    network_side: int
    labels: tuple[str, ...]
    labels_version: str


class DeviceModelAbsent(Exception):
    """No such file is handed out here, or what lies there is not what was pinned."""


def device_models() -> DeviceModels:
    """The pair of files that reads as this installation's workers do. Raises DeviceModelAbsent."""
    try:
        network = chosen_model()
    except ModelMissing as error:
        raise DeviceModelAbsent(str(error)) from error
    return DeviceModels(
        landmarks_sha256=FACE_LANDMARKER.sha256,
        network_sha256=network.sha256,
        network_side=network.side,
        labels=LABELS,
        labels_version=LABELS_VERSION,
    )


def device_model_bytes(sha256: str) -> bytes:
    """The file of that sha256, checked. Raises DeviceModelAbsent."""
    try:
        if sha256 == FACE_LANDMARKER.sha256:
            return find(FACE_LANDMARKER)
        for network in released_models()[1].values():
            if network.sha256 == sha256:
                return read_pinned(network.path, sha256)
    except (ModelMissing, ModelCorrupt) as error:
        raise DeviceModelAbsent(str(error)) from error
    raise DeviceModelAbsent("unknown sha256")
