"""One client a department, over HTTP, each with its written contract beside it."""
