"""How long a connector could be used, by every rule that counts it: pure, no rows, no clock."""
