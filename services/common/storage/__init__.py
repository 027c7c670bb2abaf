"""MongoDB: always a replica set, majority-written and journalled, changed in transactions."""
