"""The peer of the load bench: Rasa Open Source, in an environment of its own."""
