"""Noise of figures where few members were seen: the same in all figures of the same time. Pure.

Two figures of one time, as a live and a final one, would otherwise differ where there is noise and
agree where there is none, which would tell how many share a camera.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

CELL_SECONDS: Final = 60
"""Noise is drawn for cells of this length, of which the bins of all releases consist."""


@dataclass(frozen=True, slots=True)
class NoiseSource:
    """Standard normal values by column, derived from a key.

    Attributes:
        key: Bytes that nobody can guess, the same for all figures of a session.
        unit: What a column is.
        first_second: Start of the first column, since the first student opened the lesson.
        column_seconds: Length of a column.
    """

    key: bytes
    unit: Literal["time", "step"]
    first_second: float = 0.0
    column_seconds: int = CELL_SECONDS

    def draw(self, measure: str, columns: int, values: int) -> NDArray[np.float64]:
        """Return [columns, values]: the same for the same key, time, and measure."""
        cells = self.column_seconds // CELL_SECONDS
        first = max(0, round(self.first_second / CELL_SECONDS))
        digest = hashlib.sha256(self.key + f"/{self.unit}/{measure}".encode()).digest()
        random = np.random.default_rng(list(digest))
        drawn = random.normal(0, 1, (first + columns * cells, values))[first:]
        summed = drawn.reshape(columns, cells, values).sum(axis=1)
        noise: NDArray[np.float64] = summed / np.sqrt(cells)
        return noise
