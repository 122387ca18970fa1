"""The connection under `fer_lms.outbound`: which addresses it may reach, and until when."""

import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any

import httpcore

MOST_ADDRESSES = 4
"""Of one name that are tried; a name with hundreds would otherwise spend the whole deadline."""
SLICE = 4096
"""Bytes written at a time, so that a server that hardly reads meets the deadline too."""
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AddressRefused(OutboundError):
    """Not asked at all: an address of a kind that is never asked."""


class Unreachable(OutboundError):
    """No whole answer in time."""


class CheckedNetwork(httpcore.NetworkBackend):
    """Looks a name up once, refuses addresses that must not be reached, connects to what it
    checked; every wait ends at the deadline."""

    def __init__(self, *, local: bool, deadline: float) -> None:
        self.local = local
        self.deadline = deadline
        self.network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = looked_up(host, port, seconds_left(self.deadline, timeout))
        if not all(may_be_reached(address, local=self.local) for address in addresses):
            raise AddressRefused("forbidden_address")
        for address in addresses[:MOST_ADDRESSES]:
            try:
                stream = self.network.connect_tcp(
                    str(address), port, timeout=seconds_left(self.deadline, timeout)
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            return TimedStream(stream, self.deadline)
        raise Unreachable("no_connection")


class TimedStream(httpcore.NetworkStream):
    """A stream of which every wait ends at the deadline, however the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, seconds_left(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), SLICE):
            piece = buffer[start : start + SLICE]
            self.stream.write(piece, seconds_left(self.deadline, timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = seconds_left(self.deadline, timeout)
        return TimedStream(self.stream.start_tls(ssl_context, server_hostname, left), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def seconds_left(deadline: float, most: float | None) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unreachable("time_out")
    return left if most is None else min(left, most)


def looked_up(host: str, port: int, seconds: float) -> list[Address]:
    """Every address of a name. In a thread of its own: the system's look-up knows no time-out."""
    found: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            rows = []
        found.put([ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows])

    threading.Thread(target=look_up, daemon=True, name="look-up").start()
    try:
        addresses = list(dict.fromkeys(found.get(timeout=seconds)))
    except queue.Empty as error:
        raise Unreachable("time_out") from error
    if not addresses:
        raise Unreachable("unknown_name")
    return addresses


def may_be_reached(address: Address, *, local: bool) -> bool:
    """Addresses of the public internet; under `local` also this machine and its private network."""
    address = _carried(address)
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    # Loopback first: Python counts ::1 among the reserved addresses.
    if local and address.is_loopback:
        return True
    if address.is_reserved:
        return False
    return address.is_global or (local and address.is_private)


def _carried(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only stands for it."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
