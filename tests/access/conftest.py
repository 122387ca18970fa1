"""The real web process, for sockets."""

from tests.streaming.conftest import permitted, redis_roles, redis_servers, ticket_for, web

__all__ = ["permitted", "redis_roles", "redis_servers", "ticket_for", "web"]
