"""From files to canonical texts, their structure, and chunks."""
