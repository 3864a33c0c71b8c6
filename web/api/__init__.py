"""The HTTP API, version 1: JSON under /api/v1 for outside programs, described by OpenAPI at /api/v1/openapi.json."""
