"""The part of the gateway that a connection uses; the gateway itself imports connections."""

from typing import Any, Protocol

from fer_lms.engagement.observations import Observation
from fer_lms.streaming.wire.slots import Progress, SlotFrame


class ConnectionGateway(Protocol):
    """The part of the gateway that a connection uses."""

    web_id: bytes

    @property
    def target_fps(self) -> float: ...
    def submit_frame(self, connection: Any, frame: SlotFrame) -> None: ...
    def append_observation(self, observation: Observation) -> None: ...
    async def refresh_permits(self) -> None: ...
    async def save_progress(self, connection: Any, progress: Progress) -> bool: ...
    async def cancel_frame(self, connection: Any, seq: int) -> None: ...
