"""Results of a face detector, and the protocol that both detectors implement."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from inference.results import FaceBox, FacialSigns, HeadPose

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.imaging.frames import Image

DetectorKind = Literal["mediapipe", "opencv-blazeface"]


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """The largest face of an image, in pixels of that image.

    Attributes:
        box: Bounding box.
        eyes: float32 [2, 2], x and y of the eye on the left of the picture, then of the other.
        pose: Head pose, where the detector has landmarks.
        signs: Facial signs, where the detector has landmarks.
    """

    box: FaceBox
    eyes: "npt.NDArray[np.float32]"
    pose: HeadPose | None = None
    signs: FacialSigns | None = None


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """Number of faces (the landmark detector stops at two), and the largest of them."""

    count: int
    largest: DetectedFace | None = None


NO_FACES = DetectionResult(0)


class FaceDetector(Protocol):
    """Face detector without state between images."""

    @property
    def kind(self) -> DetectorKind: ...

    def detect(self, image: "Image") -> DetectionResult:
        """Detect faces in `image`, uint8 [height, width, 3], BGR."""
        ...
