"""Intent classifiers: one protocol, and the embedded one that needs nothing installed."""
