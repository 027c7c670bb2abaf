"""Shared kernel: mechanism that every branch needs, never a rule of one branch.

=============  ===================================================================================
module         what it is for
=============  ===================================================================================
errors         the small tree of errors with stable codes that may cross a border
ids, clock     identifiers and time, both handed in as arguments so that tests decide them
context        who is calling, in which language, under which trace, until when
config         settings, read from the environment once
catalogue      texts in every language, one ``.po`` file each
logs, metrics  structured logs with trace ids; Prometheus figures
contracts      what each publisher promises: events, RPC schemas, error codes
events         envelope, outbox, event log, relay, inbox
storage        MongoDB: transactions, idempotency keys, leases, deadlines
files          attachments: checked by content, kept in GridFS
forms          questions as data: definitions, answers, XLSForm in and out
time           periods, and working time over opening hours and closures
rooms          rooms by request, the half of the branch that asks
messaging      RabbitMQ: topology, hardened entrypoints, confirmed publisher, parking
runtime        how a process starts, reports its health and stops
=============  ===================================================================================
"""
