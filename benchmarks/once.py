"""A program to count instructions in: `python -m benchmarks.once SCENE HANDLER TIMES` invokes a handler so often."""

import sys

from benchmarks.scenes import scene
from benchmarks.warm import HANDLERS, invocation, stage


def main(scene_name: str, handler_name: str, times: int) -> None:
    chosen = scene(scene_name)
    with stage(chosen):
        invoke = invocation(HANDLERS[handler_name](), chosen.event)
        for _ in range(times):
            invoke()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
