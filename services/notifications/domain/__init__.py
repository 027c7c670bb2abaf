"""The rules of notifications, with no I/O: who is told what, and what may follow what."""
