"""What each publisher promises to everybody else, under the publisher's name.

``contracts/<publisher>/events.py``  event types and the schemas of their data
``contracts/<publisher>/rpc.py``     what its RPC methods accept and return, with the limits
``contracts/<publisher>/errors.py``  the stable codes of its refusals

``contracts/gateway/`` has no events: it holds what the HTTP door itself refuses.

Adding an event: declare it in the publisher's ``events.py``; ``docs/events.md`` is generated.
"""
