"""Rasa Open Source as an engine beside the embedded one: its environment, its training, its server, its use."""
