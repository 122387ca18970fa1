"""A TCP proxy whose open connections can be made to swallow everything (half-open)."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class HalfOpenProxy:
    """Forwards connections to a port of this machine until `freeze` is called."""

    def __init__(self, upstream_port: int) -> None:
        self.port = 0
        self._upstream_port = upstream_port
        self._epoch = 0
        self._loop = asyncio.new_event_loop()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._run()])

    def freeze(self) -> None:
        """Drop, without closing, everything that open connections send or receive from now on."""
        self._epoch += 1

    def start(self) -> None:
        self._thread.start()
        self._is_ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()

    async def _run(self) -> None:
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._is_ready.set()
        await self._over.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        epoch = self._epoch
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                self._forward(reader, upstream[1], epoch),
                self._forward(upstream[0], writer, epoch),
            )

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, epoch: int
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                if epoch == self._epoch:
                    writer.write(data)
                    await writer.drain()
            if epoch == self._epoch:
                writer.close()


@contextmanager
def half_open_proxy(upstream_port: int) -> Iterator[HalfOpenProxy]:
    proxy = HalfOpenProxy(upstream_port)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
