"""What the city can do, a folder each."""
