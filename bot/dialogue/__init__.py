"""The conversation as data: events, the state folded from them, and the policy that decides the next step."""
