"""Clinic visits: find, book, list, move and cancel them."""
