"""From a found chunk to an answer: its sentences, their citations, and the check that nothing else is said."""
