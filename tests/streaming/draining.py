"""Read frames as a worker does."""

import asyncio

from fer_lms.streaming.worker.drain import drain


async def drain_once() -> None:
    """Read the waiting frames as a worker does."""
    await asyncio.to_thread(drain, 0, max_run_s=0.5, max_idle_s=0.2)
