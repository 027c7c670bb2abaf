"""What trainings promises: its RPC methods, its events, its refusals."""
