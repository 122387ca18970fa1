"""Score the clips of a data set by the engagement formulas, through the inference pipeline."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING, Final, Protocol

from fer_lms.engagement.evidence import FORMULAS, EvidenceInput
from fer_lms.engagement.observations import SCALE, SIGN_NAMES, WINDOW_SECONDS, scale_signs
from fer_lms.engagement.scoring import PRESETS, compute_engagement
from fer_lms.engagement.window_summary import WindowSummary
from fer_lms.rules.engine.evaluation import (
    advance,
    apply_settings,
    compute_close_time,
    create_state,
)
from fer_lms.rules.engine.state import EffectiveSettings
from inference.errors import PictureUnreadable
from inference.imaging.pictures import count_frames, list_photos_and_videos, read_frames
from inference.results import LABELS, FaceReading
from tests.bench.engagement.datasets import Clip

if TYPE_CHECKING:
    from inference.imaging.frames import Image

FRAMES_PER_CLIP: Final = 10
EVIDENCE_BY_STATE: Final[Mapping[str, str]] = {
    "frustration": "frustration",
    "confusion": "confusion",
    "boredom": "disengagement",
}
"""The kind of evidence, from faces alone, that is compared with the label of a state."""
STARTED_AT: Final = 1_700_000_000


class Reader(Protocol):
    """The part of `inference.pipeline.FacePipeline` that is used here."""

    def read_image(self, image: "Image") -> FaceReading: ...


@dataclass(slots=True)
class ClipScores:
    """Scores of one clip, None where a formula lacked what it needs."""

    clip: Clip
    indices: dict[str, float | None] = field(default_factory=dict)
    """Mean engagement index by preset."""
    evidence: dict[str, float | None] = field(default_factory=dict)
    """Evidence by state."""


def score_clips(
    clips: Iterable[Clip], reader: Reader, frames_per_clip: int = FRAMES_PER_CLIP
) -> tuple[list[ClipScores], list[str]]:
    """Return the scores of the readable clips, and the names of the others."""
    scored: list[ClipScores] = []
    unreadable: list[str] = []
    windows: dict[str, list[tuple[ClipScores, WindowSummary]]] = defaultdict(list)
    for clip in clips:
        try:
            readings = [reader.read_image(image) for image in sample_frames(clip, frames_per_clip)]
        except PictureUnreadable:
            unreadable.append(clip.name)
            continue
        scores = ClipScores(clip, {preset: _average(readings, preset) for preset in PRESETS})
        scored.append(scores)
        start = STARTED_AT + WINDOW_SECONDS * len(windows[clip.subject])
        windows[clip.subject].append((scores, summarize(readings, start)))
    for of_subject in windows.values():
        _add_evidence(of_subject)
    return scored, unreadable


def sample_frames(clip: Clip, count: int) -> Iterator["Image"]:
    """Yield frames at equal intervals.

    Raises:
        PictureUnreadable: The clip has none.
    """
    if clip.path.is_dir():
        files = list_photos_and_videos(clip.path)
        for file in files[:: max(1, len(files) // count)][:count]:
            yield from (picture.image for picture in read_frames(file))
        return
    step = max(1, (count_frames(clip.path) or count) // count)
    for picture in islice(read_frames(clip.path), 0, count * step, step):
        yield picture.image


def _average(readings: Sequence[FaceReading], preset: str) -> float | None:
    found = [compute_engagement(reading, preset) for reading in readings]
    values = [engagement.value for engagement in found if engagement is not None]
    return fmean(values) if values else None


def summarize(readings: Sequence[FaceReading], start: int) -> WindowSummary:
    """Return the readings of ten seconds as the window that live evaluation would get."""
    signs = [values for reading in readings if (values := scale_signs(reading)) is not None]
    scores = [reading.expressions.values for reading in readings if reading.expressions]
    return WindowSummary(
        start=start,
        consent_epoch=1,
        seen_seconds=round(WINDOW_SECONDS * len(scores) / max(len(readings), 1)),
        processed=len(readings),
        no_face=sum(reading.quality == "no_face" for reading in readings),
        hidden_ms=0,
        sign_count=len(signs),
        sign_sums=[sum(row[index] for row in signs) for index in range(len(SIGN_NAMES))],
        sign_square_sums=[
            sum(row[index] ** 2 for row in signs) for index in range(len(SIGN_NAMES))
        ],
        scored=len(scores),
        score_sums=[
            sum(round(row[index] * SCALE) for row in scores) for index in range(len(LABELS))
        ],
    )


def _add_evidence(windows: Sequence[tuple[ClipScores, WindowSummary]]) -> None:
    """Add the evidence of the face, in the order of a subject's clips, as live evaluation would."""
    settings = EffectiveSettings(face_epoch=1, session_started_at=float(STARTED_AT))
    state = create_state(float(STARTED_AT))
    apply_settings(state, settings)
    for scores, window in windows:
        now = float(compute_close_time(window.start))
        advance(state, settings, now, {window.start: window})
        inputs = EvidenceInput(state.face, state.activity, now, 0.0, settings.weights)
        for label, kind in EVIDENCE_BY_STATE.items():
            scores.evidence[label] = FORMULAS[kind](inputs).face
