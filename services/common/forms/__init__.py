"""Forms: questions as data, so that staff make them without a developer.

An application, a test, feedback, the intake of a case, a needs study and an instrument are forms. A
form has *editions*: one that has an answer is frozen, and a change begins the next.

===========  =====================================================================================
module       what it is for
===========  =====================================================================================
questions    the domain: questions, when they are shown, forms and their editions, answers
definition   wire form ↔ domain, and what makes a definition sound
validation   the one check of answers, for every person and every way
store        forms and answers in a branch's own database
xlsform      in and out as XLSForm (https://xlsform.org), so that work from Kobo or ODK moves over
table        answers as rows for an export
===========  =====================================================================================

The schemas that cross the border are in ``services/common/contracts/forms.py``.
"""
