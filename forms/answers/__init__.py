"""The answers that fields take: each type names its marshmallow field, its rules, messages and forms on paper."""
