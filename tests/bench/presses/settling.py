"""Wait until a page has sent everything and has all replies."""

from playwright.sync_api import Error, Page, Request

QUIET_MS = 1_000
"""Longer than the page collects events, and than it drops the second half of a double click."""
POLL_MS = 100
MAX_POLLS = 300
READING_METHODS = ("GET", "HEAD", "OPTIONS")
EPHEMERAL = ("/capture-ticket", "/markdown", "/rules/preview", "/demo/enter")
"""POST requests that store nothing of the person, and that of the bench itself."""


class Traffic:
    """Requests of a page: those that write, and how many have no reply yet."""

    def __init__(self, page: Page) -> None:
        self.writes: list[str] = []
        self._unanswered: set[Request] = set()
        page.on("request", self._start)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    @property
    def is_quiet(self) -> bool:
        return not self._unanswered

    def _start(self, request: Request) -> None:
        self._unanswered.add(request)
        path = request.url.partition("?")[0]
        if request.method not in READING_METHODS and not path.endswith(EPHEMERAL):
            self.writes.append(path)

    def _end(self, request: Request) -> None:
        self._unanswered.discard(request)


def count_waiting(page: Page) -> int:
    """Count the writes that the page has noted and the server has not yet decided about."""
    count: int = page.evaluate(
        """() => Object.keys(localStorage)
          .filter(n => /\\.(press|event)\\.[0-9a-f]{24}$|\\.withdraw\\./.test(n)).length"""
    )
    return count


def wait_until_sent(page: Page) -> None:
    for _ in range(MAX_POLLS):
        if count_waiting(page) == 0:
            return
        page.wait_for_timeout(POLL_MS)


def settle(page: Page, traffic: Traffic) -> None:
    """Wait until nothing is noted, no request is unanswered, and nothing new has begun."""
    for _ in range(MAX_POLLS):
        page.wait_for_timeout(QUIET_MS)
        try:
            if traffic.is_quiet and count_waiting(page) == 0:
                return
        except Error:
            continue  # the page is being replaced by another
