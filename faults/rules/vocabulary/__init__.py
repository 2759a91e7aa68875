"""The words stations use for trouble, and the fault each stands for: tables only."""
