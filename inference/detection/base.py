"""Results of a face detector, and the protocol that both detectors implement."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

from inference.results import FaceBox, FacialSigns, HeadPose

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from inference.imaging.frames import Image

DetectorKind = Literal["litert", "mediapipe", "opencv-blazeface"]


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """The largest face of an image, in pixels of that image.

    Attributes:
        box: Bounding box.
        width: Of the face, in pixels; comparable between detectors, whose boxes are not.
        eyes: float32 [2, 2], x and y of the eye on the left of the picture, then of the other.
        pose: Head pose, where the detector has landmarks.
        signs: Facial signs, where the detector has landmarks.
    """

    box: FaceBox
    width: float
    eyes: "npt.NDArray[np.float32]"
    pose: HeadPose | None = None
    signs: FacialSigns | None = None


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """Number of faces (the landmark detector stops at two), and the largest of them."""

    count: int
    largest: DetectedFace | None = None


NO_FACES = DetectionResult(0)


def move_face(face: DetectedFace, left: float, top: float) -> DetectedFace:
    """Convert a face from pixels of a part of a picture, at `left` and `top`, to the picture's."""
    box = replace(face.box, x=face.box.x + left, y=face.box.y + top)
    eyes = face.eyes.copy()
    eyes[:, 0] += left
    eyes[:, 1] += top
    return replace(face, box=box, eyes=eyes)


class FaceDetector(Protocol):
    """Face detector without state between images."""

    @property
    def kind(self) -> DetectorKind: ...

    def detect(self, image: "Image") -> DetectionResult:
        """Detect faces in `image`, uint8 [height, width, 3], BGR."""
        ...
