"""Documents, indexes and queries of trainings: the only place here that knows MongoDB.

====================== ==========================================================================
collection             document
====================== ==========================================================================
centres                name and time zone of a centre
topics                 a topic
courses                a course
cohorts                a cohort with its sessions and its roster
participants           a person, with an account or without
different_people       that two records are of two people
applications           a person's way to a seat in a cohort, and what was decided
certificates           a certificate as issued, and what became of it
certificate_documents  which printed forms of a certificate are made
attachments.*          files, in GridFS
test_keys              the right answers to an edition of a test
answer_requests        that a participant was asked to answer a form
frozen_periods         the figures of a period, for ever
frozen_period_turns    a count: one transaction freezes a period at a time
history                what was changed of courses, cohorts and people, and by whom
====================== ==========================================================================

Beside them stand the collections of ``services.common``.
"""
