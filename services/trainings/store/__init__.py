"""Documents, indexes and queries of trainings: the only place here that knows MongoDB.

================== ==============================================================================
collection         document
================== ==============================================================================
centres            name and time zone of a centre
topics             a topic
courses            a course
cohorts            a cohort with its sessions and its roster
participants       a person, with an account or without
history            what was changed of courses and cohorts, and by whom
================== ==============================================================================

Beside them stand the collections of ``services.common``.
"""
