"""Networks of docker-compose.yml as bridges in a network name space, one name space a service.

Nothing outside can be reached: no name space has a route to this machine's network.
"""

import os
import subprocess
from collections.abc import Iterable

PREFIX = f"fer-{os.getpid()}"
HUB = f"{PREFIX}-hub"


def run_ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def get_namespace(service: str) -> str:
    return f"{PREFIX}-{service}"


class Networks:
    """Bridges and addresses. Leaving the context deletes every name space.

    Args:
        services: The networks of each service.
    """

    def __init__(self, services: dict[str, list[str]]) -> None:
        self.services = services
        names = sorted({name for networks in services.values() for name in networks})
        self.subnets = {name: f"10.213.{number}" for number, name in enumerate(names)}

    def __enter__(self) -> "Networks":
        run_ip("netns", "add", HUB)
        for number in range(len(self.subnets)):
            run_ip("-n", HUB, "link", "add", f"br{number}", "type", "bridge")
            run_ip("-n", HUB, "link", "set", f"br{number}", "up")
        for service in self.services:
            self._connect(service)
        return self

    def __exit__(self, *_: object) -> None:
        for name in (HUB, *map(get_namespace, self.services)):
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)

    def _connect(self, service: str) -> None:
        namespace = get_namespace(service)
        run_ip("netns", "add", namespace)
        run_ip("-n", namespace, "link", "set", "lo", "up")
        for position, network in enumerate(self.services[service]):
            number, name = list(self.subnets).index(network), f"eth{position}"
            outer = f"v{list(self.services).index(service)}n{number}"
            peer = ("peer", "name", name, "netns", namespace)
            run_ip("-n", HUB, "link", "add", outer, "type", "veth", *peer)
            run_ip("-n", HUB, "link", "set", outer, "master", f"br{number}", "up")
            address = f"{self._get_address(service, network)}/24"
            run_ip("-n", namespace, "addr", "add", address, "dev", name)
            run_ip("-n", namespace, "link", "set", name, "up")

    def _get_address(self, service: str, network: str) -> str:
        return f"{self.subnets[network]}.{list(self.services).index(service) + 2}"

    def list_hosts(self, service: str) -> Iterable[str]:
        """Yield the lines of /etc/hosts: the services that share a network with this one."""
        yield "127.0.0.1 localhost"
        for other, networks in self.services.items():
            for network in networks:
                if network in self.services[service]:
                    yield f"{self._get_address(other, network)} {other}"
                    break
