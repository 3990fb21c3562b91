"""Nothing here reaches AWS: made-up credentials everywhere, and sockets only where a test asks for them."""

import pytest
from hypothesis import settings

# Time never decides a test: a busy machine may take as long as it likes for an example.
settings.register_profile("pivot-debug", deadline=None)
settings.load_profile("pivot-debug")


@pytest.fixture(autouse=True)
def _made_up_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "pivot-debug")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
