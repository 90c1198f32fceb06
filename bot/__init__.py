"""The conversation, and the doors that people enter by."""
