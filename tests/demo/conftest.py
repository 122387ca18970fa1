from pathlib import Path

import pytest
from pytest_django import Settings

LIMITS = "fer_lms.demo.middleware.LocalOnlyMiddleware"


@pytest.fixture
def demo(db: None, settings: Settings, tmp_path: Path) -> Settings:
    """Settings of demo mode, which are otherwise fixed at process start."""
    settings.DEMO = True
    settings.VAR_DIR = tmp_path
    settings.ROOT_URLCONF = "tests.demo.urls"
    settings.MIDDLEWARE = [LIMITS, *(name for name in settings.MIDDLEWARE if name != LIMITS)]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    return settings
