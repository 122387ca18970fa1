"""Exceptions of `inference`.

InferenceError
├── FrameRejected        the bytes are not an acceptable frame; `.reason` is a `RejectReason`
├── PictureUnreadable    a file on disk is not a readable photo or video (command line)
│   └── PictureDamaged   it is damaged or cut short; frames before may have been read
├── ModelError
│   ├── ModelMissing     no file with the pinned sha256 was found or could be fetched
│   ├── ModelCorrupt     the file exists, its sha256 is not the pinned one
│   └── SourceFailed     one source of a model had no usable file; the next is tried
└── DetectorUnavailable  MediaPipe cannot create a detector on this machine
"""

from typing import Literal, get_args

RejectReason = Literal[
    "empty",  # zero bytes
    "too_large",  # more bytes than the limit
    "not_jpeg",  # does not start with a JPEG start-of-image marker
    "not_baseline",  # progressive, lossless, hierarchical or arithmetic coding
    "too_many_scans",  # more scans than a baseline picture needs
    "bad_components",  # neither 1 nor 3 colour components
    "bad_dimensions",  # zero, or more pixels than the limit
    "truncated",  # no end-of-image marker where it has to be
    "corrupt",  # markers that contradict each other, or the decoder refused
]
REJECT_REASONS: tuple[RejectReason, ...] = get_args(RejectReason)


class InferenceError(Exception):
    """Base class of the exceptions of this package."""


class FrameRejected(InferenceError):
    """The bytes are not an acceptable frame; `reason` is one of `REJECT_REASONS`."""

    def __init__(self, reason: RejectReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: RejectReason = reason


class PictureUnreadable(InferenceError):
    """A file on disk is not a readable photo or video; the message names it."""


class PictureDamaged(PictureUnreadable):
    """A photo or video is damaged or ends before its stated length; the message names it."""


class ModelError(InferenceError):
    """A model cannot be used; the message says which file to put where."""


class ModelMissing(ModelError):
    """No file with the pinned sha256 was found, and none could be fetched."""


class ModelCorrupt(ModelError):
    """A model file exists, but its sha256 is not the pinned one."""


class SourceFailed(ModelError):
    """One source of a model had no usable file; the message gives the reason."""


class DetectorUnavailable(InferenceError):
    """MediaPipe cannot create a detector (most often libEGL or libGLESv2 is missing)."""
