from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.xapi.store import Store, store_running


@pytest.fixture
def xapi_on(settings: Settings) -> Settings:
    """Settings of a learning record store (LRS) that does not answer."""
    settings.DEMO = False
    settings.PUBLIC_URL = "https://fer.example.org"
    settings.XAPI_URL = "https://lrs.example.org/xapi"
    settings.XAPI_KEY, settings.XAPI_SECRET = "key", "secret"
    return settings


@pytest.fixture
def store(xapi_on: Settings) -> Iterator[Store]:
    """A running test LRS."""
    with store_running() as running:
        xapi_on.XAPI_URL = running.url
        xapi_on.XAPI_LOCAL = True
        yield running
