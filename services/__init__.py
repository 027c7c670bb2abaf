"""The branches of the centre, each an independent deployable, and the library they share.

``common`` is a library and never a process; every other folder here is a service that runs with
``common`` and nothing else (a test copies the two to an empty folder and starts them there).
"""
