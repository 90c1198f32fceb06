"""Preparing a question, filtering by day and district, and finding the chunks that speak about it."""
