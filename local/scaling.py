"""What one account and one deployment hold on AWS: published quotas over measured units. Pure.

`python -m local.scaling` prints the tables of docs/scaling.md. Nothing here was measured on AWS: units come from the
local stack, which counts them as AWS does (docs/operating.md), times of functions are assumptions and marked so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Where each quota stands with AWS: docs/scaling.md, "The quotas". DynamoDB:
PARTITION_WRITE_UNITS: Final = 1_000
PARTITION_READ_UNITS: Final = 3_000
TABLE_UNITS: Final = 40_000
"""On demand, read and write units a second each, until the quota is raised: for a table, and for each index again."""

# Lambda:
CONCURRENCY: Final = 1_000
REQUESTS_OF_RUN: Final = 10
"""Requests a second for each unit of concurrency: this binds where a run takes less than 100 ms."""

# API Gateway: requests a second of an AWS account in most regions, 2,500 in the others.
GATEWAY_REQUESTS: Final = 10_000

# template.yaml
RECORDER_CONCURRENCY: Final = 10
MAX_RECORDERS: Final = 1_000
THROTTLE_RATE: Final = 100
TOKEN_REQUESTS_A_MINUTE: Final = 600

# Measured in units: benchmarks/results.md; docs/operating.md, "Cost".
WRITES_OF_CALL: Final = 4
"""A call of two records, delivered together, its place in the index included."""
WRITES_OF_FAILED_CALL: Final = 5
INDEX_WRITES_OF_SUMMARY: Final = 1
TABLE_WRITES_OF_CALL: Final = WRITES_OF_CALL - INDEX_WRITES_OF_SUMMARY
READS_OF_LIST_PAGE: Final = 4.0
READS_OF_CALL: Final = 0.5
RECORDS_OF_CALL: Final = 2

# Assumed: a warm recorder spends so long on a call of two records (two puts, a query, an update).
RECORDER_SECONDS_OF_CALL: Final = 0.04
# Assumed: what the relay's run lasts beyond the server's own time, records included.
RELAY_SECONDS: Final = 0.04


@dataclass(frozen=True)
class Limit:
    """What is the first to bind, and from how many a second on."""

    what: str
    a_second: float
    why: str
    then: str


def calls_of_account() -> list[Limit]:
    """Recorded calls a second of one account in one month, of two records each, the lowest limit first."""
    return sorted(
        [
            Limit(
                "recorders",
                RECORDER_CONCURRENCY / RECORDER_SECONDS_OF_CALL,
                f"`RecorderConcurrency` {RECORDER_CONCURRENCY}, {_ms(RECORDER_SECONDS_OF_CALL)} ms a call (assumed)",
                "raise `RecorderConcurrency`; the queue holds what comes faster",
            ),
            Limit(
                "index `calls-by-time`",
                PARTITION_WRITE_UNITS / INDEX_WRITES_OF_SUMMARY,
                "one partition of the index takes all of an account's newest summaries; it cannot split there",
                "shard the index's key: `account#YYYYMM#n`, and merge n queries in the list",
            ),
            Limit(
                "index `calls-by-time`, each record in a batch of its own",
                PARTITION_WRITE_UNITS / (INDEX_WRITES_OF_SUMMARY * RECORDS_OF_CALL),
                "a record that comes in another batch folds the summary once more; so does each step of a relayed call",
                "send what belongs together in one request",
            ),
        ],
        key=lambda limit: limit.a_second,
    )


def calls_of_deployment() -> list[Limit]:
    """Recorded calls a second of all accounts together."""
    return sorted(
        [
            Limit(
                "recorders",
                RECORDER_CONCURRENCY / RECORDER_SECONDS_OF_CALL,
                "as above",
                f"raise it: {MAX_RECORDERS:,} recorders hold {_rate(MAX_RECORDERS / RECORDER_SECONDS_OF_CALL)}",
            ),
            Limit(
                "writes of DebugTable",
                TABLE_UNITS / TABLE_WRITES_OF_CALL,
                f"{TABLE_UNITS:,} units, {TABLE_WRITES_OF_CALL} a call; each index has {TABLE_UNITS:,} of its own "
                f"and takes {INDEX_WRITES_OF_SUMMARY}",
                "quota `Table-level write throughput limit`",
            ),
            Limit(
                "documents sent in one by one",
                THROTTLE_RATE / RECORDS_OF_CALL,
                f"`ThrottleRate` {THROTTLE_RATE}, two requests a call",
                f"send batches; raise `ThrottleRate` (the gateway's quota is {GATEWAY_REQUESTS:,})",
            ),
        ],
        key=lambda limit: limit.a_second,
    )


def relayed_requests(server_seconds: float) -> Limit:
    """Requests a second through the relay where the customers' servers take so long."""
    return Limit(
        f"relay, servers answering in {_ms(server_seconds)} ms",
        min(CONCURRENCY / (server_seconds + RELAY_SECONDS), CONCURRENCY * REQUESTS_OF_RUN),
        f"{CONCURRENCY:,} runs at once, each {_ms(server_seconds + RELAY_SECONDS)} ms",
        "quota `Concurrent executions`; `RelayConcurrency` keeps runs free for calls",
    )


def reads_of_account() -> list[Limit]:
    """Requests a second of one account's readers."""
    return sorted(
        [
            Limit(
                "one token",
                TOKEN_REQUESTS_A_MINUTE / 60,
                f"`RequestsPerMinute` {TOKEN_REQUESTS_A_MINUTE}",
                "a token with `--requests-per-minute` of its own",
            ),
            Limit("all tokens", THROTTLE_RATE, f"`ThrottleRate` {THROTTLE_RATE}", "raise `ThrottleRate`"),
            Limit(
                "list pages of 50 calls",
                PARTITION_READ_UNITS / READS_OF_LIST_PAGE,
                f"{PARTITION_READ_UNITS:,} units of the index's newest partition, {READS_OF_LIST_PAGE:g} a page",
                "shard the index's key",
            ),
            Limit(
                "calls read",
                PARTITION_READ_UNITS / READS_OF_CALL,
                f"the same for the table, {READS_OF_CALL:g} a call; a busy partition splits by call id",
                "nothing: DynamoDB splits",
            ),
        ],
        key=lambda limit: limit.a_second,
    )


def table(limits: Sequence[Limit]) -> str:
    """Markdown."""
    rows = [f"| {one.what} | {_rate(one.a_second)} | {one.why} | {one.then} |" for one in limits]
    return "\n".join(["| what | a second | why | what to change then |", "|---|---|---|---|", *rows])


def tables() -> dict[str, str]:
    """Every table of docs/scaling.md by its heading there."""
    relay = [relayed_requests(seconds) for seconds in (0.05, 0.3, 1.0, 4.5)]
    return {
        "Calls of one account": table(calls_of_account()),
        "Calls of one deployment": table(calls_of_deployment()),
        "Requests through the relay": table(relay),
        "Reads of one account": table(reads_of_account()),
    }


def _rate(number: float) -> str:
    return f"{number:,.0f}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f}"


if __name__ == "__main__":
    for heading, text in tables().items():
        print(f"## {heading}\n\n{text}\n")  # noqa: T201 - a program
