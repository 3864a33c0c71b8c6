"""What this process counts for `/metrics`."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

STEPS = Counter("tikub_steps", "Steps that workers did, by kind of row and outcome.", ["kind", "outcome"])
STEP_SECONDS = Histogram("tikub_step_seconds", "How long a step of a worker took, its commit included.", ["kind"])
CALL_SECONDS = Histogram("tikub_call_seconds", "How long an outside system took to answer.", ["connector", "outcome"])
DELIVERIES = Counter("tikub_deliveries", "Attempts to tell outside systems of events, by what came of them.", ["outcome"])
DELIVERY_SECONDS = Histogram("tikub_delivery_seconds", "How long a receiver took to answer.")
LOST = Counter("tikub_leases_lost", "Steps and results thrown away because the lease was lost.", ["kind"])
REQUEST_SECONDS = Histogram("tikub_request_seconds", "How long a request took.", ["method", "endpoint", "status"])
