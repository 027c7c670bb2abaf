"""Use cases of consultations: load, decide, save together with the event."""
