"""From a citizen's words to meaning."""
