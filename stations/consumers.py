"""The sockets of the chargers."""
