"""Run all hostile requests and sockets against one web process."""

from fer_lms.stack import Stack
from tests.bench.attack.hostile_requests import send_json, send_odd_requests
from tests.bench.attack.operations import send_operations
from tests.bench.attack.pages import attack_pages
from tests.bench.attack.request_sender import Attack, Result
from tests.bench.attack.sockets import commit_offences
from tests.bench.attack.uploads import send_uploads


def run_attack(
    stack: Stack,
    *,
    requests: int,
    uploads: int,
    offences: int,
    share: float,
    pages: int,
    seed: int = 1,
) -> Result:
    """Attack a running web process.

    Args:
        requests: Number of JSON bodies that no browser sends.
        uploads: Number of lesson files.
        offences: Number of sockets.
        share: Part of the hostile values for every field of the OpenAPI file.
        pages: Number of pages whose forms are submitted, as each role.
    """
    attack = Attack(stack, seed)
    attack.enter()
    send_odd_requests(attack)  # caches fill and modules load before the memory is measured
    before = attack.web.memory_info().rss
    send_json(attack, requests)
    send_uploads(attack, uploads)
    commit_offences(attack, offences)
    send_operations(attack, ("student", "teacher", "administrator"), share)
    for role in ("student", "teacher", "administrator"):
        attack_pages(attack, role, pages)
    attack.result.growth_mb = round((attack.web.memory_info().rss - before) / 2**20, 1)
    return attack.result
