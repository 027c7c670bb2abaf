"""What consultations publishes and accepts: events, RPC schemas, error codes."""
