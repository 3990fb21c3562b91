"""What the relays' API is asked for while AWS fails: all is right once a client that got a 503 has asked again."""

from dataclasses import dataclass, field
from typing import Any

from tests.integration.fault_scenarios import COUNTING, SECRET, Scenario, begin_anew, is_answered
from tests.integration.faults import CHANGES, CONDITIONAL, QUERIES
from tests.integration.helpers import Account
from tests.integration.test_relays_api import Relays

DEFINITION = {"name": "new", "voice_url": "https://pivot.example.com/ivr/welcome.php"}
FUNCTION = "RelaysApiFunction"


@dataclass
class Client:
    """A client of the relays' API: what its relays showed before, their list, and what it is told."""

    api: Relays
    before: list[Any] = field(default_factory=list)
    listed: list[Any] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)

    def asks(self, method: str, *steps: str, status: int = 200, data: Any = None) -> bool:
        """Whether it is done; what is told is kept."""
        reply = self.api.ask(method, *steps, data=data)
        is_done = is_answered(reply, status)
        self.told += [reply["json"]["data"]] if is_done else []
        return is_done

    def asks_for_two(self, method: str, *steps: str) -> bool:
        """The same of the first relay and the second, of a new process each; what is done is not asked for again."""
        for relay in self.before[len(self.told) : 2]:
            begin_anew()
            if not self.asks(method, relay["id"], *steps):
                return False
        return True


def without_relays(account: Account) -> Client:
    return Client(Relays(account.service, account.id))


def with_three_relays(account: Account) -> Client:
    client = without_relays(account)
    client.before = [client.api.made(name=name) for name in ("first", "second", "third")]
    client.listed = client.api.data("GET")
    return client


def listed(_: Account, client: Client) -> bool:
    is_done = client.asks("GET")
    assert not is_done or client.told[-1] == client.listed
    return is_done


def read(_: Account, client: Client) -> bool:
    is_done = client.asks("GET", client.before[0]["id"])
    assert not is_done or client.told[-1] == client.before[0]
    return is_done


def made(_: Account, client: Client) -> bool:
    return client.asks("PUT", status=201, data=DEFINITION)


def what_was_told_is_there_and_nothing_else(_: Account, client: Client) -> None:
    assert sorted(relay["id"] for relay in client.api.data("GET")) == sorted(relay["id"] for relay in client.told)
    assert all(client.api.accepts(relay) for relay in client.told)


def patched(_: Account, client: Client) -> bool:
    return client.asks("PATCH", client.before[0]["id"], data={"name": "new"})


def replaced(_: Account, client: Client) -> bool:
    return client.asks("POST", client.before[0]["id"], data=DEFINITION)


def one_is_changed_and_the_others_are_not(_: Account, client: Client) -> None:
    first, *others = client.before
    assert client.api.data("GET", first["id"]) == first | {"name": "new", "callflow": client.told[-1]["callflow"]}
    assert [client.api.data("GET", other["id"]) for other in others] == others
    assert client.api.accepts(first)


def rotated(_: Account, client: Client) -> bool:
    return client.asks_for_two("PUT", "secret")


def both_addresses_open(_: Account, client: Client) -> None:
    """Rotated once too often, the one that the callflow has would be shut."""
    for before, told in zip(client.before, client.told, strict=False):
        assert before["relay_url"] != told["relay_url"]
        assert client.api.accepts(before)
        assert client.api.accepts(told)


def deleted(_: Account, client: Client) -> bool:
    return client.asks_for_two("DELETE")


def the_third_is_left(_: Account, client: Client) -> None:
    assert [relay["name"] for relay in client.api.data("GET")] == ["third"]


SCENARIOS = {
    "list relays": Scenario(
        FUNCTION, with_three_relays, listed, {COUNTING: (), "RelayTable Query": QUERIES, SECRET: ()}
    ),
    "make a relay": Scenario(
        FUNCTION,
        without_relays,
        made,
        {"RelayTable Query": QUERIES, "RelayTable PutItem": CONDITIONAL, SECRET: ()},
        holds=what_was_told_is_there_and_nothing_else,
    ),
    "read a relay": Scenario(FUNCTION, with_three_relays, read, {"RelayTable GetItem": (), SECRET: ()}),
    "change a relay": Scenario(
        FUNCTION,
        with_three_relays,
        patched,
        {"RelayTable GetItem": (), "RelayTable UpdateItem": CHANGES},
        holds=one_is_changed_and_the_others_are_not,
    ),
    "replace a relay": Scenario(
        FUNCTION,
        with_three_relays,
        replaced,
        {"RelayTable UpdateItem": CHANGES},
        holds=one_is_changed_and_the_others_are_not,
    ),
    "rotate two secrets": Scenario(
        FUNCTION,
        with_three_relays,
        rotated,
        {"RelayTable GetItem": (), "RelayTable UpdateItem": CHANGES, SECRET: ()},
        holds=both_addresses_open,
    ),
    "delete two relays": Scenario(
        FUNCTION,
        with_three_relays,
        deleted,
        {"RelayTable GetItem": (), "RelayTable DeleteItem": CONDITIONAL, SECRET: ()},
        holds=the_third_is_left,
    ),
}
