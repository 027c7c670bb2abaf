"""Rules and state machines of consultations: no I/O, no clock."""
