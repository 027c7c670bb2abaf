"""The release: pyproject.toml, the images' labels and the door's /healthz say the same."""

VERSION = "1.0.0"

DATA_VERSION = 1
"""What this release knows of stored data: one more in each release that brings a migration."""
