"""The rules of notifications, with no I/O: who gets which message, and which state may follow
which.
"""
