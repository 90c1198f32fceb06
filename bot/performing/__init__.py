"""Carries out what the policy decided: all that a turn reads, asks and does outside of itself."""
