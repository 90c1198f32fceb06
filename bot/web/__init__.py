"""The web doors: the chat page, its API, the source pages and the staff's pages."""
