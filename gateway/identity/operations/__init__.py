"""Use cases: load, decide, save with the event. One file per aggregate."""
