"""`python -m local run` serves the local stack until interrupted, `deploy` brings it up to date, `load` drives one."""

import argparse
import signal
import sys
import time
from pathlib import Path

import httpx

from local import demo, demo_relay
from local.env_files import STACK_ENV, env_files, read_stack_env
from local.load import run_load, show
from local.machine import ROOT, STATE, LocalStackError
from local.pivot_server import running_pivot_server
from local.progress import say, step
from local.stack import LocalStack, running_stack
from local.start_api import start_api

DEFAULT_PORT = 4566
_HIGHEST_PORT = 65535
_LONGEST_LOAD = 600


def main() -> int:
    arguments = _arguments()
    # Ended by a supervisor or by a closed terminal, we leave as with Ctrl-C. That one, too, must be asked for: a shell
    # that starts us in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        if arguments.command == "run":
            serve(arguments.port)
        elif arguments.command == "deploy":
            redeploy()
        elif arguments.command == "load":
            drive(arguments.seconds)
        else:
            serve_with_sam(arguments.port)
    except LocalStackError as error:
        say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. Nothing is left running.")
    return 0


def serve(port: int) -> None:
    """Starts a stack with the demo calls on it and keeps it until it is interrupted."""
    with running_stack(state=_state(port), port=port) as stack, running_pivot_server() as server:
        with step("Create the demo account and a token"):
            token = demo.create_account(stack)
        with step("Send the demo calls in"):
            demo.load_calls(stack, token)
        with step("Call a demo Pivot server through the relay"):
            relay_url = demo_relay.place_calls(stack, demo.ACCOUNT_ID, token, server)
        with step("Wait until all are listed"):
            calls = demo.listed_calls(stack, token)
        with env_files(stack, account_id=demo.ACCOUNT_ID, token=token):
            demo.show_requests(stack, token, calls)
            demo.show_relay(relay_url)
            say(f"The same in variables: . {STACK_ENV.relative_to(ROOT)}")
            say("After an edit: make deploy-local. Logs: make logs. Stop: Ctrl-C.")
            _wait_for_ever()


def redeploy() -> None:
    """Builds and deploys onto the stack that `make run` keeps open; of several, the youngest."""
    endpoint_url, port = _running_stack()
    LocalStack(endpoint_url, _state(port)).deploy()


def drive(seconds: int) -> None:
    """Puts a stack of its own, on a free port, under load for so long and shows what it held.

    Raises:
        LocalStackError: a request failed, or a record is missing or doubled.
    """
    with running_stack(state=STATE / "load") as stack, running_pivot_server() as server:
        outcome = run_load(stack, server, seconds)
    show(outcome)
    if not outcome.is_good:
        raise LocalStackError(f"Not all went well. Look at {STATE / 'load' / 'ministack.log'}")


def serve_with_sam(port: int) -> None:
    """Serves the API a second time, by `sam local start-api` in Docker, on the tables of that stack."""
    endpoint_url, stack_port = _running_stack()
    start_api(endpoint_url, stack_port, port, _state(stack_port))


def _running_stack() -> tuple[str, int]:
    endpoint_url = read_stack_env()["AWS_ENDPOINT_URL"]
    return endpoint_url, httpx.URL(endpoint_url).port or DEFAULT_PORT


def _state(port: int) -> Path:
    return STATE / "run" / str(port)


def _wait_for_ever() -> None:
    try:
        while True:
            time.sleep(3600)
    finally:
        say("\nStopping: what was recorded here goes with it ...")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="serve the local stack until interrupted")
    run.add_argument("--port", type=_port, default=DEFAULT_PORT, help="on 127.0.0.1 (default %(default)s)")
    commands.add_parser("deploy", help="bring the running stack up to date")
    load = commands.add_parser("load", help="put a stack of its own under load, and show what it held")
    load.add_argument("--seconds", type=_seconds, default=20, help=f"1 to {_LONGEST_LOAD} (default %(default)s)")
    sam = commands.add_parser("start-api", help="serve its API by sam local start-api, too; needs Docker")
    sam.add_argument("--port", type=_port, default=3000, help="on 127.0.0.1 (default %(default)s)")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: choose a number from 1 to {_HIGHEST_PORT}")
    return int(text)


def _seconds(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _LONGEST_LOAD:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 1 to {_LONGEST_LOAD}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
