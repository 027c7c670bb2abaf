"""RabbitMQ: the topology, the hardened nameko entrypoints, the confirming publisher, parking.

A service declares what :mod:`.providers`, :mod:`.rpc` and :mod:`.subscriber` have; they load
nameko and eventlet. A process of plain threads imports :mod:`.publisher` and :mod:`.relay`, which
load neither.
"""
