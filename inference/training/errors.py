"""What training refuses, in words for the person who asked."""


class TrainingRefused(Exception):
    """The root; the command line prints its text and nothing else."""


class BadData(TrainingRefused):
    """Faces, votes or labels that are missing, malformed or do not go together."""


class WrongCheckpoint(TrainingRefused):
    """A file of weights that is none, or another network's."""


class NotSaved(TrainingRefused):
    """A checkpoint could not be written; the one before is untouched."""


class LossIsNoNumber(TrainingRefused, FloatingPointError):
    """The loss became NaN or infinite; the last good checkpoint is untouched."""
