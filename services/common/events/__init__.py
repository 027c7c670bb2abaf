"""How a committed fact reaches every subscriber and has its effect once.

``outbox`` takes the event in the aggregate's own transaction; ``relay`` moves it to the permanent
``log`` under a gapless number and publishes it; ``inbox`` makes a consumer take it once.
"""
