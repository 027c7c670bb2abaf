"""The one HTTP door: identity, organisations, and every branch's resources over RPC."""
