"""The model files for on-device mode: the same files that the workers open.

They are served from this installation only, by their sha256, so that no third party learns of a
lesson and browsers can cache them. The bytes are verified and not opened here.
"""

from dataclasses import dataclass

from fer_lms.streaming.wire.device_scores import LABELS_VERSION
from inference.errors import ModelCorrupt, ModelMissing
from inference.models.released import list_released_models, read_pinned, select_model
from inference.models.store import FACE_LANDMARKER, find_model
from inference.results import LABELS


@dataclass(frozen=True, slots=True)
class DeviceModels:
    """The files of one device, with the input size and the labels of the network."""

    landmarks_sha256: str
    network_sha256: str
    network_side: int
    labels: tuple[str, ...]
    labels_version: str


class DeviceModelUnavailable(Exception):
    """The file is not served here, is missing or does not have the pinned sha256."""


def get_device_models() -> DeviceModels:
    """Return the models that this installation's workers use. Raises DeviceModelUnavailable."""
    try:
        network = select_model()
    except ModelMissing as error:
        raise DeviceModelUnavailable(str(error)) from error
    return DeviceModels(
        landmarks_sha256=FACE_LANDMARKER.sha256,
        network_sha256=network.sha256,
        network_side=network.side,
        labels=LABELS,
        labels_version=LABELS_VERSION,
    )


def read_device_model(sha256: str) -> bytes:
    """Read and verify the file of that sha256. Raises DeviceModelUnavailable."""
    try:
        if sha256 == FACE_LANDMARKER.sha256:
            return find_model(FACE_LANDMARKER)
        for network in list_released_models()[1].values():
            if network.sha256 == sha256:
                return read_pinned(network.path, sha256)
    except (ModelMissing, ModelCorrupt) as error:
        raise DeviceModelUnavailable(str(error)) from error
    raise DeviceModelUnavailable("unknown sha256")
