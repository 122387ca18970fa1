"""The three networks of MediaPipe's FaceLandmarker under LiteRT, without MediaPipe's graph.

Detector, landmark network and blendshape network are run one after the other as
`face_landmarker_graph.cc` does, at two thirds of its CPU time; points differ from MediaPipe's by
hundredths of a pixel (`tests/inference/test_litert.py`). The parts are public for `tracking`, which
does not measure every frame.
"""

import io
import math
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from inference.detection import blazeface, head_geometry
from inference.detection.base import NO_FACES, DetectedFace, DetectionResult, DetectorKind
from inference.detection.blazeface import FoundBox, find_boxes
from inference.detection.face_measures import MIN_SCORE, describe_face
from inference.detection.head_geometry import HeadGeometry
from inference.errors import DetectorUnavailable
from inference.imaging.frames import load_cv2
from inference.native_log import capture_stderr

if TYPE_CHECKING:
    from inference.imaging.frames import Image

MAX_FACES = 2
"""Two suffice to report `many_faces`; each face takes one run of the landmark network."""
REGION_OVER_BOX = 1.5
"""Side of the landmark network's region over that of the detector's box."""
LANDMARKS_SIDE = 256
POINT_COUNT = 478

BLENDSHAPE_POINTS = (
    *(0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65),
    *(66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136),
    *(144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168),
    *(172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276),
    *(282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318),
    *(321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380),
    *(381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466),
    *range(468, POINT_COUNT),
)
"""Points that the blendshape network reads (`face_blendshapes_graph.cc`)."""

Floats = npt.NDArray[np.float32]


class LiteRtDetector:
    """Detector with landmarks, without state between images."""

    kind: DetectorKind = "litert"

    def __init__(self, model: bytes) -> None:
        """Load from the bytes of face_landmarker.task.

        Raises:
            DetectorUnavailable: LiteRT is not installed, or cannot run the networks here.
        """
        self._cv2 = load_cv2()
        with capture_stderr() as captured, zipfile.ZipFile(io.BytesIO(model)) as task:
            try:
                self._boxes = _Network(task.read(blazeface.ZIP_MEMBER))
                self._landmarks = _Network(task.read("face_landmarks_detector.tflite"))
                self._blendshapes = _Network(task.read("face_blendshapes.tflite"))
                self._geometry = HeadGeometry(task.read(head_geometry.ZIP_MEMBER))
                self.detect(np.zeros((240, 320, 3), np.uint8))
            except (ImportError, OSError, RuntimeError, ValueError) as error:
                raise DetectorUnavailable(f"{error} {captured.read_last_line()}".strip()) from error

    def detect(self, image: "Image") -> DetectionResult:
        """Count up to `MAX_FACES` faces and describe the largest."""
        return self.measure_all(image, self.find(image))

    def find(self, image: "Image") -> list[FoundBox]:
        """Find the boxes of faces; the best score first."""
        return find_boxes(image, self._run_boxes)

    def measure_all(self, image: "Image", found: Sequence[FoundBox]) -> DetectionResult:
        """Measure the best `MAX_FACES` boxes: count those with a face, describe the largest."""
        faces = [self.measure(image, box) for box in found[:MAX_FACES]]
        measured = [face for face in faces if face is not None]
        if not measured:
            return NO_FACES
        largest = max(measured, key=lambda face: face.box.width * face.box.height)
        return DetectionResult(len(measured), largest)

    def measure(self, image: "Image", found: FoundBox) -> DetectedFace | None:
        """Run landmarks and blendshapes on a box; None where it contains no face."""
        points, presence = self._find_points(image, found)
        if presence < MIN_SCORE:
            return None
        height, width = image.shape[:2]
        (shapes,) = self._blendshapes.run(points[None, BLENDSHAPE_POINTS, :2])
        matrix = self._geometry.fit(points, width, height)
        return describe_face(points[:, :2], shapes, matrix)

    def _run_boxes(self, square: "Image") -> tuple[Floats, Floats]:
        rgb = self._cv2.cvtColor(square, self._cv2.COLOR_BGR2RGB)
        raw, logits = self._boxes.run(_scale(rgb, 1 / 127.5) - np.float32(1))
        return logits[0, :, 0], raw[0]

    def _find_points(self, image: "Image", found: FoundBox) -> tuple[Floats, float]:
        """Return (points [478, 3] in pixels, probability that there is a face)."""
        side = float(found.values[1].max()) * REGION_OVER_BOX
        (right_x, right_y), (left_x, left_y) = found.eyes.tolist()
        angle = math.atan2(left_y - right_y, left_x - right_x)
        turn = side * np.array(
            [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        )
        corner = found.values[0] - turn @ [0.5, 0.5]
        transform = np.column_stack([turn / LANDMARKS_SIDE, corner])
        region = self._cv2.warpAffine(
            image,
            transform,
            (LANDMARKS_SIDE, LANDMARKS_SIDE),
            flags=self._cv2.INTER_LINEAR | self._cv2.WARP_INVERSE_MAP,
            borderMode=self._cv2.BORDER_REPLICATE,
        )
        rgb = self._cv2.cvtColor(region, self._cv2.COLOR_BGR2RGB)
        raw, presence = self._landmarks.run(_scale(rgb, 1 / 255))[:2]
        points = raw.reshape(POINT_COUNT, 3) / LANDMARKS_SIDE
        placed = np.empty((POINT_COUNT, 3), np.float32)
        placed[:, :2] = points[:, :2] @ turn.T + corner
        # MediaPipe measures the region's width in fractions of the picture's width and height.
        height, width = image.shape[:2]
        placed[:, 2] = points[:, 2] * math.hypot(turn[0, 0], turn[1, 0] * width / height)
        return placed, 1 / (1 + math.exp(-float(presence.reshape(-1)[0])))


def _scale(image: "Image", factor: float) -> Floats:
    """Return float32 [1, height, width, 3]: the image times a factor."""
    scaled = np.empty((1, *image.shape), np.float32)
    np.multiply(image, np.float32(factor), out=scaled[0], casting="unsafe")
    return scaled


class _Network:
    """A network with one input, run by one thread."""

    def __init__(self, content: bytes) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter: Any = Interpreter(model_content=content, num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [output["index"] for output in self._interpreter.get_output_details()]

    def run(self, values: Floats) -> list[Floats]:
        """Return the outputs, as copies, in the network's order."""
        self._interpreter.set_tensor(self._input, values)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(output) for output in self._outputs]
