"""Work that is done once the answer has left the function, so that whoever called waits for none of it.

Lambda freezes a function when its answer is out, unless an extension is still busy. So this one registers as an
internal extension: it is told of each invocation and asks for the next when its work is done (Lambda Extensions API).
"""

import json
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from queue import SimpleQueue
from threading import Thread

Job = Callable[[], None]

_API = "/2020-01-01/extension"
_NAME = "after-reply"


class AfterReply:
    """Runs one job after each invocation.

    It must be made while the function starts: later, Lambda takes no extension. *runtime_api* is the address in
    ``AWS_LAMBDA_RUNTIME_API``; without one nothing freezes, and jobs run at once.
    """

    def __init__(self, runtime_api: str | None) -> None:
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._is_awake = False
        if runtime_api and (extension := _register(runtime_api)):
            self._is_awake = True
            Thread(target=self._work, args=(runtime_api, extension), daemon=True).start()

    def run(self, job: Job) -> None:
        """Take a job over. Call it once in every invocation, and let the job raise nothing.

        At the end of an invocation without one, Lambda would wait for the extension until the function's time is up.
        """
        self._jobs.put(job)
        if not self._is_awake:
            self._do_all()

    def _work(self, runtime_api: str, extension: str) -> None:
        while _is_invoked(runtime_api, extension):
            self._jobs.get()()
        self._is_awake = False
        self._do_all()

    def _do_all(self) -> None:
        while not self._jobs.empty():
            self._jobs.get()()


def _register(runtime_api: str) -> str | None:
    """The extension's id; None where it cannot be registered."""
    connection = HTTPConnection(runtime_api, timeout=2)
    try:
        body = json.dumps({"events": ["INVOKE"]})
        connection.request("POST", f"{_API}/register", body, {"Lambda-Extension-Name": _NAME})
        return connection.getresponse().getheader("Lambda-Extension-Identifier")
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _is_invoked(runtime_api: str, extension: str) -> bool:
    """Say that all is done, and wait for the next invocation, frozen or not; False where there will be none."""
    connection = HTTPConnection(runtime_api)
    try:
        connection.request("GET", f"{_API}/event/next", headers={"Lambda-Extension-Identifier": extension})
        return b'"INVOKE"' in connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
