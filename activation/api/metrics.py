"""Figures for Prometheus: requests by route template, durations, pools, audit queue, events. No id is ever a label.

With several workers, PROMETHEUS_MULTIPROC_DIR names the folder where they count together (`braid serve` sets it).
"""

from __future__ import annotations

import os
from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from activation.api.audit import AuditWriter
from activation.api.pools import Pool

router = APIRouter(tags=["health"])

_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """What one worker counts; `events` is for the routes that take events in."""

    def __init__(self) -> None:
        """Count from nothing."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "braid_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "braid_http_request_duration_seconds",
            "Seconds from a request's head to the end of its answer.",
            ["route"],
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self.events = Counter(
            "braid_events", "Events sent in, by what became of them.", ["outcome"], registry=self.registry
        )
        self._connections = self._gauge("braid_pool_connections", "Connections to the database.", "pool", "state")
        self._queued = self._gauge("braid_pool_waiting_requests", "Requests that wait for a connection.", "pool")
        self._unwritten = self._gauge("braid_audit_unwritten_entries", "Entries of the audit trail in the queue.")
        self._failing = self._gauge("braid_audit_failing", "Workers that cannot write the audit trail.")
        self._written = Counter("braid_audit_entries", "Entries written to the audit trail.", registry=self.registry)
        self._written_before = 0

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is its template, as in /v1/profiles/{customer_id}."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def observe(self, pools: tuple[Pool, ...], audit: AuditWriter) -> None:
        """Take down how the pools and the audit queue are doing."""
        for pool in pools:
            stats = pool.get_stats()
            idle = stats.get("pool_available", 0)
            self._connections.labels(pool.name, "idle").set(idle)
            self._connections.labels(pool.name, "used").set(stats.get("pool_size", 0) - idle)
            self._queued.labels(pool.name).set(stats.get("requests_waiting", 0))
        self._unwritten.set(audit.waiting)
        self._failing.set(int(audit.failing))
        self._written.inc(audit.written - self._written_before)
        self._written_before = audit.written

    def exposition(self) -> bytes:
        """Everything in Prometheus' text format, over all workers."""
        if _SHARED not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)

    def close(self) -> None:
        """Leave: what this worker holds now is no longer held."""
        if _SHARED in os.environ:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry, multiprocess_mode="livesum")


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(request: Request) -> Response:
    """Figures in Prometheus' text format; no key is needed and no customer is in them."""
    counted: Metrics = request.app.state.metrics
    return Response(counted.exposition(), media_type=CONTENT_TYPE_LATEST)
