class BenchmarkError(Exception):
    """A measurement that cannot be made; the message says why."""
