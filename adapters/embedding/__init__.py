"""Sentence encoders: one protocol, and the driver for models in the format of sentence-transformers."""
