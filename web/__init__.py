"""The thin Flask layer: pages, JSON API, worker and command line."""
