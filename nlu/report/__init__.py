"""The report of an evaluation for people: one page with pictures, and the pictures as files."""
