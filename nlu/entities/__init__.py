"""Things named in an utterance: times, numbers, places, symptoms, people."""
