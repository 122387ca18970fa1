"""Every route is a page that `make check-accessibility` looks at, or none for a stated reason."""

from tests.access.matrix import BY_PROOF, MATRIX
from tests.bench.accessibility.pages import NO_PAGES, PAGES


def test_every_page_is_looked_at() -> None:
    routes = {path for path in (*MATRIX, *BY_PROOF) if not path.startswith("api/v1/")}
    assert PAGES.keys() | NO_PAGES.keys() == routes
    assert not PAGES.keys() & NO_PAGES.keys()
    for path, reason in NO_PAGES.items():
        if reason == "no GET":
            assert "GET" not in MATRIX[path]
