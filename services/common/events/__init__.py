"""From a committed fact to everybody who wants to know of it, once in effect.

``outbox`` takes the event in the aggregate's own transaction; ``relay`` moves it to the permanent
``log`` under a gapless number and publishes it; ``inbox`` makes a consumer take it once.
"""
