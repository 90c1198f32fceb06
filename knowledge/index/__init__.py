"""Text analysis and the search indexes of a release."""
