"""Pools of processes for measurements."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import django


def create_process_pool(workers: int) -> ProcessPoolExecutor:
    """Return a pool of new processes with Django set up; a fork would copy NumPy's threads."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=django.setup)
