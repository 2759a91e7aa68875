"""Our own tariffs: what OCPI says, and what it cannot say.

An idle fee with a grace and a cap, spot prices, prices by the power of the connector, caps per
session and day, and benefits of whoever charges. `price.py` prices with them, `reading.py` reads
them, `export.py` says them in OCPI as far as that goes.
"""
