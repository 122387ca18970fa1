"""Errors of the training pipeline; the command line prints their text without a traceback."""


class TrainingRefused(Exception):
    """The root of them all."""


class BadData(TrainingRefused):
    """Faces, votes, labels, records or experiments are missing, malformed or inconsistent."""


class WrongCheckpoint(TrainingRefused):
    """A weights file is unreadable, or of another network."""


class NotSaved(TrainingRefused):
    """A checkpoint could not be written; the one before is untouched."""


class LossIsNoNumber(TrainingRefused, FloatingPointError):
    """The loss became NaN or infinite; the last good checkpoint is untouched."""
