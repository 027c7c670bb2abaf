"""The resources, one file per group. Each endpoint translates, calls and returns; see
:mod:`gateway.api.endpoint` for what all of them share."""
