"""The doors that people enter by, a module each."""
