"""The subcommands of the `tikub` command line, one module a subject."""
