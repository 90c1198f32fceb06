"""Everything that we did not write: stores, departments, clocks, and the sandbox city that stands in for the real one."""
