"""Serve a trained Rasa model on loopback; run by the interpreter of .venv-rasa, in isolated mode.

    python -I serving.py MODEL.tar.gz PORT

Two doors are open, GET /status and POST /model/parse, and each asks for the token. All others are closed, with the
token too: PUT /model and POST /model/train, by which another model could be put in, and the chat channels, which know
no token. The token comes from RASA_SERVER_TOKEN and not from the command line, which every local user can read. Once
it answers, one line of JSON with its address goes to standard output.
"""

import json
import logging
import os
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

OPEN_DOORS = {("GET", "/status"), ("POST", "/model/parse")}
LONGEST_BODY = 65_536
WARM_UP = "预约挂号"  # loads the dictionary, so that the first citizen does not wait for it


def main() -> None:
    """Take the port, load the model, and answer until told to stop."""
    model, port = sys.argv[1], int(sys.argv[2])
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        sys.exit(f"cannot listen on 127.0.0.1:{port}: {error.strerror} (nlu.rasa.url)")
    application(model, listening).run(sock=listening, access_log=False, motd=False)


def application(model: str, listening: socket.socket) -> Any:
    """Return Rasa's own web application with all doors closed but two."""
    from sanic import response  # noqa: PLC0415 - these take seconds to load, and the port is to be refused before

    warnings.simplefilter("ignore", DeprecationWarning)  # after sanic, which turns them on
    import jieba  # noqa: PLC0415
    from rasa.core.run import close_resources, configure_app, load_agent_on_start  # noqa: PLC0415
    from rasa.utils.log_utils import configure_structlog  # noqa: PLC0415

    configure_structlog(logging.ERROR)  # below that, Rasa logs what citizens write
    jieba.setLogLevel(logging.WARNING)
    jieba.dt.tmp_dir = str(Path(model).parent)  # its cache is read as code is: not from a folder that anybody can write
    app = configure_app(auth_token=os.environ["RASA_SERVER_TOKEN"], enable_api=True)
    app.config.REQUEST_MAX_SIZE = LONGEST_BODY

    async def close_doors(request: Any) -> Any:
        if (request.method, request.path) not in OPEN_DOORS:
            return response.json({"status": "failure", "reason": "Closed", "code": 404}, status=404)
        return None

    async def load(app: Any, loop: Any) -> None:
        agent = await load_agent_on_start(model, None, None, app, loop)
        if not agent.is_ready():
            raise RuntimeError(f"{model} is no model that Rasa can load")
        await agent.parse_message(WARM_UP)

    async def announce(app: Any, loop: Any) -> None:
        del app, loop
        host, port = listening.getsockname()
        print(json.dumps({"url": f"http://{host}:{port}"}), flush=True)  # noqa: T201 - how the caller learns of it

    app.register_middleware(close_doors, "request")
    app.register_listener(load, "before_server_start")
    app.register_listener(announce, "after_server_start")
    app.register_listener(close_resources, "after_server_stop")
    return app


if __name__ == "__main__":
    main()
