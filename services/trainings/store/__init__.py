"""Documents, indexes and queries of trainings: the only place here that knows MongoDB.

collection         document
================== ==============================================================================
centres            name and time zone of a centre
topics             a topic
courses            a course
cohorts            a cohort with its sessions and its roster
participants       a person, with an account or without
applications       a person's way to a seat in a cohort, and what was decided
attendance_marks   what a phone says of a person in a session; never changed
imports            a table that is imported, and how far that has come
materials          a file of a session; its bytes are in GridFS
settlements        what a person has decided about the marks
history            what was changed of courses, cohorts and applications, and by whom
different_people   that two records are of two people
test_keys          the right answers to an edition of a test
answer_requests    that a participant was asked to answer a form
history            what was changed of courses and cohorts, and by whom
================== ==============================================================================
=======
====================== ==========================================================================
collection             document
====================== ==========================================================================
centres                name and time zone of a centre
topics                 a topic
courses                a course
cohorts                a cohort with its sessions and its roster
participants           a person, with an account or without
applications           a person's way to a seat in a cohort, and what was decided
certificates           a certificate as issued, and what became of it
certificate_documents  which printed forms of a certificate are made
attachments.*          files, in GridFS
different_people       that two records are of two people
history                what was changed of courses, cohorts and applications, and by whom
====================== ==========================================================================

Beside them stand the collections of ``services.common``.
"""
