"""What can go wrong with Rasa, each a line that the operator reads.

RasaError
├── PythonMissing         there is no Python 3.10 to run it with
├── RasaEnvironmentError  its environment is not there, or could not be built
├── PlanImpossible        what is to be learnt names nothing that there is
├── RasaModelError        nothing was trained, training failed, or the model is damaged
└── RasaServerError       its server did not start
"""


class RasaError(Exception):
    """Rasa cannot be used; the product goes on with its embedded engine."""


class PythonMissing(RasaError):
    """There is no Python 3.10."""


class RasaEnvironmentError(RasaError):
    """The environment is missing or could not be built."""


class PlanImpossible(RasaError):
    """The plan of a training leaves nothing to learn."""


class RasaModelError(RasaError):
    """There is no usable model."""


class RasaServerError(RasaError):
    """The server did not start."""
