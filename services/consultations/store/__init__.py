"""Documents, indexes and queries of consultations: the only place here that knows MongoDB.

====================== ==========================================================================
collection             document
====================== ==========================================================================
centres                name and time zone of a centre
kinds                  a kind of consultation
cases                  a request for support, and where it stands
time_limits            until when a case is answered or resolved
centre_hours           all opening hours that a centre has had
centre_closures        a time in which a whole centre is closed
referrals              another adviser or an outside body that is to take part in a case
ratings                a closing of a case, and how it was rated
frozen_periods         figures of a period that do not change any more
offers                 an offer to an organisation after a training
cohort_trainers        who trains a cohort
tasks                  what staff or the people of a case have to see to
forms                  the forms of the kinds
history                what was changed, and by whom
====================== ==========================================================================

Beside them stand the collections of ``services.common``.
"""
