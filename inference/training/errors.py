"""Errors of the training pipeline; the command line prints their text without a traceback."""


class TrainingRefused(Exception):
    """Base class of the training pipeline's errors."""


class BadData(TrainingRefused):
    """Faces, votes, labels, records or experiments are missing, malformed or inconsistent."""


class WrongCheckpoint(TrainingRefused):
    """A weights file is unreadable, or of another network."""


class CheckpointSaveError(TrainingRefused):
    """A checkpoint could not be written; the previous one is unchanged."""


class NonFiniteLossError(TrainingRefused, FloatingPointError):
    """The loss became NaN or infinite; the last good checkpoint is unchanged."""
