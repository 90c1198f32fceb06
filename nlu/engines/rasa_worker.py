"""Hold a Rasa model and rank the intents of one JSON text a line.

Run by the interpreter of .venv-rasa: python -I rasa_worker.py MODEL.tar.gz
"""

import asyncio
import json
import os
import sys


async def main() -> None:
    """Answer `[[intent, confidence], ...]`, best first, until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Rasa prints must not come between the answers
    from rasa.core.agent import load_agent  # noqa: PLC0415 - takes seconds

    agent = await load_agent(model_path=sys.argv[1])
    for line in sys.stdin:
        parsed = await agent.parse_message(json.loads(line))
        ranking = parsed.get("intent_ranking") or []
        rows = [[row["name"], float(row["confidence"])] for row in ranking if row.get("name")]
        answers.write(json.dumps(rows) + "\n")
        answers.flush()


if __name__ == "__main__":
    asyncio.run(main())
