"""A small city that answers the departments' contracts over real HTTP, with demo data and faults on request."""
