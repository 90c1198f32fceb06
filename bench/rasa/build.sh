#!/bin/sh
# Build the peer: an environment of its own, our examples in its format, a reduced model. Nothing is fetched from a model hub.
#   bench/rasa/build.sh [EPOCHS]          PYTHON310 names the interpreter, if it is not on the path
set -eu
cd "$(dirname "$0")/../.."
epochs="${1:-15}"
export RASA_TELEMETRY_ENABLED=false SQLALCHEMY_SILENCE_UBER_WARNING=1 TF_CPP_MIN_LOG_LEVEL=2
if [ ! -x .venv-rasa/bin/rasa ]; then
    "${PYTHON310:-python3.10}" -m venv .venv-rasa
    .venv-rasa/bin/pip install --quiet --requirement bench/rasa/requirements.txt --constraint bench/rasa/constraints.txt
fi
.venv/bin/python -m bench.rasa.collect --epochs "$epochs"
cd var/rasa
rm -rf models
../../.venv-rasa/bin/rasa train nlu --config config.yml --nlu data --out models --fixed-model-name peer
