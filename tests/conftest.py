"""Fixtures that all tests share; tests.factories creates the objects."""

import io
import os
from collections.abc import Iterable, Iterator
from importlib import import_module

import hypothesis
import pytest
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import connection
from pytest_django import Settings

from fer_lms.audit.triggers import create_triggers, drop_triggers
from fer_lms.lessons.models import LessonSession, Participant
from fer_lms.policy.actions import ensure_demo_policy
from fer_lms.policy.models import DeploymentPolicy
from fer_lms.streaming.web.tickets import Mode, issue_ticket
from fer_lms.translations.catalogs import are_compiled, compile_catalogs
from tests import run_limits
from tests.factories import grant_all, make_learner, make_session, make_teacher
from tests.servers import IssueTicket, empty_redis_roles, redis_roles_running, web_running

# The duration of an example depends on the machine.
hypothesis.settings.register_profile(
    "no-deadline", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("no-deadline")
GIVEN_SERVERS = {"FRAMES_REDIS_URL", "BROKER_REDIS_URL"} & os.environ.keys()


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to run with the Redis of an installation: tests empty both roles."""
    config.pluginmanager.register(run_limits)
    if GIVEN_SERVERS and "FER_TEST_SERVERS" not in os.environ:
        pytest.exit(f"{GIVEN_SERVERS} set: run scripts/with-servers, or unset them", returncode=2)
    if not are_compiled():
        compile_catalogs()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A database left filled again, not emptied, fails every test after it that brings rows back.

    Django fills it after a test with real transactions, except after one that brings rows back:
    ``TransactionTestCase._fixture_teardown``.
    """
    for item in items:
        mark = item.get_closest_marker("django_db")
        if mark and mark.kwargs.get("transaction") and not mark.kwargs.get("serialized_rollback"):
            raise pytest.UsageError(
                f"{item.nodeid}: django_db(transaction=True) needs serialized_rollback=True"
            )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the coverage in one line where it was measured (`make test`)."""
    plugin = config.pluginmanager.get_plugin("_cov")
    if plugin is not None and plugin.cov_controller is not None:
        total = plugin.cov_controller.cov.report(file=io.StringIO())
        terminalreporter.write_line(f"Coverage of fer_lms and inference: {total:.1f} %.")


@pytest.fixture(scope="session", autouse=True)
def load_routes() -> None:
    """Load the routes before a fixture sets DEMO, which adds those of the demonstration."""
    import_module(settings.ROOT_URLCONF)


@pytest.fixture(scope="session", autouse=True)
def audit_log_can_be_emptied() -> Iterator[None]:
    """Let tests empty all tables, which the triggers of the audit log refuse."""
    flush = connection.ops.execute_sql_flush

    def flush_all(sql_list: Iterable[str]) -> None:
        drop_triggers(connection)
        flush(sql_list)
        create_triggers(connection)

    connection.ops.execute_sql_flush = flush_all  # type: ignore[method-assign]
    yield
    connection.ops.execute_sql_flush = flush  # type: ignore[method-assign]


@pytest.fixture
def policy(db: None, settings: Settings) -> DeploymentPolicy:
    """The active policy of the demonstration, which permits inference."""
    settings.DEMO = True
    return ensure_demo_policy()


@pytest.fixture
def face_policy(policy: DeploymentPolicy) -> DeploymentPolicy:
    """The same policy, where signs in the face may lead to hints."""
    policy.face_evidence_in_hints = True
    policy.save()
    return policy


@pytest.fixture
def session(db: None) -> LessonSession:
    return make_session()


@pytest.fixture
def learner(session: LessonSession) -> Participant:
    return make_learner(session)


@pytest.fixture
def teacher(session: LessonSession) -> Participant:
    return make_teacher(session)


# --- Real servers ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def redis_servers() -> Iterator[None]:
    with redis_roles_running():
        yield


@pytest.fixture
def redis_roles(redis_servers: None) -> None:
    """Both Redis roles, empty."""
    empty_redis_roles()


@pytest.fixture
def web(
    redis_roles: None, django_db_serialized_rollback: None, transactional_db: None
) -> Iterator[str]:
    """Run a web process; yield its address."""
    with web_running() as address:
        yield address


@pytest.fixture
def permitted(policy: DeploymentPolicy) -> Participant:
    """A learner in an open session with all consents."""
    learner = make_learner(make_session())
    grant_all(learner)
    return learner


@pytest.fixture
def ticket_for() -> IssueTicket:
    async def issue(participant: Participant, mode: Mode = "frames") -> str:
        ticket: str = await database_sync_to_async(issue_ticket)(participant=participant, mode=mode)
        return ticket

    return issue
