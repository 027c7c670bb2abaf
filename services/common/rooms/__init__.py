"""Rooms by request, the requester's half: what trainings and consultations share.

A branch says which rooms an aggregate of its own needs, and what follows from an answer; asking
until there is one, keeping the newest, and noticing that a side was set back happens here.
docs/rooms.md has the protocol and its rules.

=========  =======================================================================================
module     what it is for
=========  =======================================================================================
requests   the domain: a request, its versions, the newest answer, the state that follows
requester  steps in a branch's transactions: request, change, release, take an answer, repeat
store      the branch's collection of requests
wire       requests and answers as they are in events
=========  =======================================================================================
"""
