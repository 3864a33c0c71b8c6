"""The engine: published versions, instances, tasks, timers, messages, service calls and their history."""
