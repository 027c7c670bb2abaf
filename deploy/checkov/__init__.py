"""Checkov over the manifests and the Dockerfile, each accepted finding with its reason."""
