"""What can go wrong in `inference`, as a tree.

InferenceError
├── FrameRejected        these bytes are no acceptable frame; `.reason` is a `RejectReason`
├── PictureUnreadable    a file on disk is no photo or video (command line only)
├── ModelError
│   ├── ModelMissing     no file with the pinned sha256 was found or could be fetched
│   ├── ModelCorrupt     the file is there, its sha256 is another
│   └── SourceFailed     one source of a model had no usable file; the next is asked
└── DetectorUnavailable  MediaPipe cannot make a detector on this machine
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
    """Base of every error that `inference` raises on purpose."""


class FrameRejected(InferenceError):
    """The bytes are no acceptable frame. `reason` comes from a closed list."""

    def __init__(self, reason: RejectReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: RejectReason = reason


class PictureUnreadable(InferenceError):
    """A file on disk is no photo or video that can be read. The message names it."""


class ModelError(InferenceError):
    """A model cannot be used. The message says which file to put where."""


class ModelMissing(ModelError):
    """No file with the pinned sha256 was found, and none could be fetched."""


class ModelCorrupt(ModelError):
    """A model file is there, but its sha256 is not the pinned one."""


class SourceFailed(ModelError):
    """One source of a model had no usable file; the message says why in a few words."""


class DetectorUnavailable(InferenceError):
    """MediaPipe cannot make a detector here (most often libEGL or libGLESv2 is missing)."""
