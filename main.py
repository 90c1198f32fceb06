"""The command line of MianBan (绵办). `python main.py --help` lists what it can do."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

from adapters.errors import EncoderUnavailable
from bot.settings import CONFIG_FILE, Settings, SettingsInvalid, load_settings

CITY_DISTRICT = "510700"
Command = Callable[[argparse.Namespace, Settings], int | None]


def _serve(_: argparse.Namespace, settings: Settings) -> None:
    from bot.commands.serve import serve

    serve(settings)


def _setup(_: argparse.Namespace, settings: Settings) -> None:
    from bot.commands.setup import prepare

    prepare(settings, print)


def _chat(arguments: argparse.Namespace, settings: Settings) -> None:
    import asyncio

    from bot.commands.chat import chat
    from bot.turn_log import configure_logging

    configure_logging("error" if arguments.json else "warning", settings.log.format)
    asyncio.run(
        chat(
            settings,
            is_json=arguments.json,
            user=arguments.user,
            session=arguments.session or arguments.user,
            at=arguments.at,
            folder=arguments.state,
        )
    )


def _parse(arguments: argparse.Namespace, settings: Settings) -> None:
    from bot.commands.parse import parse
    from bot.turn_log import configure_logging

    configure_logging("error" if arguments.json else "warning", settings.log.format)
    parse(settings, is_json=arguments.json, at=arguments.at)


def _train(_: argparse.Namespace, settings: Settings) -> None:
    from bot.commands.setup import prepare_models

    prepare_models(settings, print, is_forced=True)


def _roll_back(_: argparse.Namespace, settings: Settings) -> None:
    from bot.commands.setup import roll_back_model

    print(roll_back_model(settings))


def _evaluate(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.commands.evaluate import Evaluation, evaluate_nlu
    from bot.commands.setup import SEED

    return evaluate_nlu(
        settings,
        Evaluation(
            engines=arguments.engine or (),
            data=arguments.data,
            train=arguments.train,
            test=arguments.test,
            folds=arguments.folds,
            seed=SEED if arguments.seed is None else arguments.seed,
            is_json=arguments.json,
            reports=arguments.reports,
        ),
    )


def _rasa(arguments: argparse.Namespace, settings: Settings) -> int:
    from bot.commands import rasa
    from nlu.rasa.collection import TrainingPlan

    match arguments.action:
        case "train":
            given = {"epochs": arguments.epochs} if arguments.epochs else {}
            plan = TrainingPlan(
                examples_per_intent=arguments.examples_per_intent, intents=tuple(arguments.intents), **given
            )
            return rasa.train_model(settings, plan, is_forced=arguments.force)
        case "serve":
            return rasa.serve_model(settings)
        case _:
            return rasa.build_environment()


def _kb(arguments: argparse.Namespace, settings: Settings) -> None:
    from bot.commands import kb

    match arguments.action:
        case "ask":
            kb.ask(
                settings,
                arguments.question,
                is_json=arguments.json,
                as_of=arguments.as_of,
                district=arguments.district,
            )
        case "search":
            kb.search(
                settings, arguments.query, limit=arguments.limit, as_of=arguments.as_of, district=arguments.district
            )
        case "list":
            kb.list_documents(settings)
        case "ingest":
            kb.ingest(settings, arguments.paths, is_json=arguments.json)
        case "structure":
            kb.structure(arguments.files)
        case "evaluate":
            kb.evaluate(arguments.corpus, arguments.queries)


def _skills(arguments: argparse.Namespace, _: Settings) -> int:
    from bot.commands import skills

    if arguments.action == "list":
        skills.list_skills()
        return 0
    return 0 if skills.check() else 1


def _dead_letters(arguments: argparse.Namespace, settings: Settings) -> int:
    import asyncio

    from bot.commands.dead_letters import list_dead_letters, retry

    if arguments.action == "list":
        asyncio.run(list_dead_letters(settings))
        return 0
    return 0 if asyncio.run(retry(settings, arguments.turn)) else 1


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(prog="main.py", description="绵办：绵阳城市服务的对话入口")
    parser.add_argument("--config", type=Path, default=CONFIG_FILE, help="the settings file (config.yaml)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command, help_text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help_text, description=help_text)
        command.set_defaults(run=run)
        return command

    add("serve", _serve, "start the sandbox city, the product and its doors")
    add("setup", _setup, "train the language model and ingest the seed knowledge, if they changed")
    chat = add("chat", _chat, "talk in the terminal; with --json one object a message")
    chat.add_argument("--json", action="store_true")
    chat.add_argument("--user", default="me", help="whose account it is")
    chat.add_argument("--session", default="", help="which conversation; the user's own if not given")
    chat.add_argument("--at", type=datetime.fromisoformat, help="start the clock at this ISO time")
    chat.add_argument("--state", type=Path, help="the folder that keeps the conversation")
    parse = add("parse", _parse, "interpret standard input line by line")
    parse.add_argument("--json", action="store_true")
    parse.add_argument("--at", type=datetime.fromisoformat, help="the time that relative dates are read from")
    add("train", _train, "train the language model anew")
    add("rollback", _roll_back, "go back to the language model before the present one")
    _add_evaluate(add("evaluate", _evaluate, "measure how well people are understood; the report goes to var/reports"))
    _add_rasa(add("rasa", _rasa, "Rasa as the engine that classifies (nlu.engine: rasa)"))
    _add_kb(add("kb", _kb, "the knowledge base"))
    skills = add("skills", _skills, "what the city can do")
    skills.add_argument("action", choices=["list", "check"])
    letters = add("dead-letters", _dead_letters, "replies that could not be delivered")
    actions = letters.add_subparsers(dest="action", required=True)
    actions.add_parser("list")
    actions.add_parser("retry").add_argument("turn", help="the turn's key, from the list")
    return parser


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["nlu"])
    parser.add_argument("--engine", action="append", help="embedded, baseline, rasa; may be given several times")
    parser.add_argument("--data", type=Path, help="JSON lines of text, intent, or a table of text, group, notes")
    parser.add_argument(
        "--train", type=Path, help="JSON lines of text, intent (oos: out of scope); learnt from scratch"
    )
    parser.add_argument("--test", type=Path, help="likewise, to measure on; without it folds of --train are")
    parser.add_argument("--folds", type=_at_least_two, default=5, help="of the cross-validation (5)")
    parser.add_argument("--seed", type=int, help="of folds and engines; the product's own if not given")
    parser.add_argument("--reports", type=Path, help="the folder for reports; var/reports if not given")
    parser.add_argument("--json", action="store_true")


def _at_least_two(text: str) -> int:
    if (number := int(text)) < 2:
        raise argparse.ArgumentTypeError(f"{text} is less than 2")
    return number


def _add_rasa(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("build", help="make its environment, with Python 3.10")
    train = actions.add_parser("train", help="train it from the skills' sentences, if they changed")
    train.add_argument("--epochs", type=_positive, help="how often all examples are learnt")
    train.add_argument("--examples-per-intent", type=_positive, help="learn at most so many of each intent")
    train.add_argument("--intents", nargs="+", default=[], help="learn only these intents or groups")
    train.add_argument("--force", action="store_true", help="train although nothing changed")
    actions.add_parser("serve", help="serve the trained model where nlu.rasa.url says, on this machine alone")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _add_kb(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    ask = actions.add_parser("ask", help="answer a policy question")
    ask.add_argument("question")
    search = actions.add_parser("search", help="the best chunks with their scores")
    search.add_argument("query")
    search.add_argument("--limit", type=int, default=10)
    for action in (ask, search):
        action.add_argument("--as-of", type=date.fromisoformat, help="as of this day; today if not given")
        action.add_argument("--district", default=CITY_DISTRICT, help="a division code of six digits")
    actions.add_parser("list", help="every document of the release")
    ingest = actions.add_parser("ingest", help="take files and folders in")
    ingest.add_argument("paths", nargs="+", type=Path)
    structure = actions.add_parser("structure", help="the structure of official documents")
    structure.add_argument("files", nargs="+", type=Path)
    evaluate = actions.add_parser("evaluate", help="measure retrieval on a labelled set")
    evaluate.add_argument("--corpus", type=Path, required=True)
    evaluate.add_argument("--queries", type=Path, required=True)
    for action in (ask, search, ingest, structure, evaluate):
        action.add_argument("--json", action="store_true")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit status."""
    given = build_parser().parse_args(arguments)
    try:
        settings = load_settings(given.config)
    except SettingsInvalid as error:
        print(error, file=sys.stderr)
        return 2
    run: Command = given.run
    try:
        return run(given, settings) or 0
    except EncoderUnavailable as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
