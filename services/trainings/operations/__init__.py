"""Use cases: load, decide, save together with the event. One file per aggregate."""
