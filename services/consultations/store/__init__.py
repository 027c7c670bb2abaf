"""Documents, indexes and queries of consultations: the only place here that knows MongoDB.

====================== ==========================================================================
collection             document
====================== ==========================================================================
centres                name and time zone of a centre
kinds                  a kind of consultation
advisers               the profile of an adviser
absences               when an adviser is away
engagements            the time that a meeting takes in the calendar of an adviser, with its claims
appointments           a meeting of a case
visits                 a visit to an organisation, with its report
trips                  the visits of one adviser on one day
consulting_hours       a month of one adviser's hours at a centre
cases                  a request for support, and where it stands
time_limits            until when a case is answered or resolved
centre_hours           all opening hours that a centre has had
centre_closures        a time in which a whole centre is closed
referrals              another adviser or an outside body that is to take part in a case
ratings                a closing of a case, and how it was rated
frozen_periods         figures of a period that do not change any more
offers                 an offer to an organisation after a training
cohort_trainers        who trains a cohort
action_plans           the plan of a case in its newest edition, with its signatures
action_plan_editions   the editions before
milestones             what became of each milestone of an agreed plan
working_documents      a structure or a work schedule in its newest edition
working_document_…     …_editions: the editions before
document_comments      what people say of one
document_templates     what one may begin with
tasks                  what staff or the people of a case have to see to
forms                  the forms of the kinds
history                what was changed, and by whom
====================== ==========================================================================

Beside them stand the collections of ``services.common``.
"""
