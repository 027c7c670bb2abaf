"""The resources, one file per group. Each endpoint translates, calls and returns; see
:mod:`gateway.web.endpoint` for what all of them share."""
