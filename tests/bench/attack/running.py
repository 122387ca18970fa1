"""Run all hostile requests and sockets against one web process."""

from fer_lms.stack import Stack
from tests.bench.attack.hostile_requests import send_json, send_odd_requests
from tests.bench.attack.request_sender import Attack, Result
from tests.bench.attack.sockets import commit_offences
from tests.bench.attack.uploads import send_uploads


def run_attack(
    stack: Stack, *, requests: int, uploads: int, offences: int, seed: int = 1
) -> Result:
    """Attack a running web process with these numbers of requests and sockets."""
    attack = Attack(stack, seed)
    attack.enter()
    send_odd_requests(attack)  # caches fill and modules load before the memory is measured
    before = attack.web.memory_info().rss
    send_json(attack, requests)
    send_uploads(attack, uploads)
    commit_offences(attack, offences)
    attack.result.growth_mb = round((attack.web.memory_info().rss - before) / 2**20, 1)
    return attack.result
