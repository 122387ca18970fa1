"""The network backend of `fer_lms.outbound`: allowed addresses and one deadline."""

import ipaddress
import queue
import socket
import threading
import time
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any

import httpcore

MAX_ADDRESSES = 4
"""Attempts per name: trying hundreds of addresses would exceed the deadline."""
WRITE_CHUNK_BYTES = 4096
"""Size of one write: the deadline also ends a request to a server that reads too slowly."""
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""The only IPv6 addresses that are assigned to public hosts (RFC 4291, section 2.4)."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutboundError(Exception):
    """A request failed; `reason` is a short identifier for logs."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AddressRefused(OutboundError):
    """No request was sent: the address is not allowed."""


class Unreachable(OutboundError):
    """No complete response before the deadline."""


class CheckedNetwork(httpcore.NetworkBackend):
    """Resolves a name once, refuses forbidden addresses and connects to the checked ones."""

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
        addresses = resolve(host, port, compute_timeout(self.deadline, timeout))
        if not all(is_allowed_address(address, local=self.local) for address in addresses):
            raise AddressRefused("forbidden_address")
        for address in addresses[:MAX_ADDRESSES]:
            try:
                stream = self.network.connect_tcp(
                    str(address), port, timeout=compute_timeout(self.deadline, timeout)
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
            return DeadlineStream(stream, self.deadline)
        raise Unreachable("no_connection")


class DeadlineStream(httpcore.NetworkStream):
    """A stream on which every read and write ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream = stream
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, compute_timeout(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_CHUNK_BYTES):
            chunk = buffer[start : start + WRITE_CHUNK_BYTES]
            self.stream.write(chunk, compute_timeout(self.deadline, timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = compute_timeout(self.deadline, timeout)
        stream = self.stream.start_tls(ssl_context, server_hostname, timeout)
        return DeadlineStream(stream, self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def compute_timeout(deadline: float, timeout: float | None) -> float:
    """Return the seconds until the deadline, at most `timeout`. Raises Unreachable after it."""
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise Unreachable("time_out")
    return remaining if timeout is None else min(remaining, timeout)


def resolve(host: str, port: int, timeout: float) -> list[Address]:
    """Resolve a name to all its addresses, in a thread since getaddrinfo has no time-out."""
    results: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            rows = []
        results.put([ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows])

    threading.Thread(target=look_up, daemon=True, name="look-up").start()
    try:
        addresses = list(dict.fromkeys(results.get(timeout=timeout)))
    except queue.Empty as error:
        raise Unreachable("time_out") from error
    if not addresses:
        raise Unreachable("unknown_name")
    return addresses


def is_allowed_address(address: Address, *, local: bool) -> bool:
    """Return whether the address is public or, with `local`, of this machine or network."""
    address = _unwrap_ipv4(address)
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local or (address not in GLOBAL_UNICAST and not local)
    ):
        return False
    # Loopback first: Python counts ::1 among the reserved addresses.
    if local and address.is_loopback:
        return True
    if address.is_reserved:
        return False
    return address.is_global or (local and address.is_private)


def _unwrap_ipv4(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address embeds, if any."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
