"""A tariff as a person paints it: price levels over 7 days of 24 hours, and what comes beside."""
