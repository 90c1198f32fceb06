"""Policy documents and service guides, found and cited."""
