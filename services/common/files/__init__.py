"""Files that people attach: checked by their content, kept beside what they belong to.

========  ========================================================================================
module    what it is for
========  ========================================================================================
checking  which files are taken, and what a file really is
store     the bytes in GridFS; a file counts once a transaction has attached it
wire      the bytes in messages between the gateway and a branch
========  ========================================================================================

A branch decides who may read a file, each time it is read; no link works without that.
"""
