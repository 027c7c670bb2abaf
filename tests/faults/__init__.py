"""The fault test: a stream of requests, every process killed in turn, and a checker at the end.

`docs/faults.md` says what is promised, how it is tested and how to read a failure.
"""
