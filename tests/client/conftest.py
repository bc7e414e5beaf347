"""Fixtures, and what is printed at the end: the transcripts of a failed test's clients, and the counts on a line."""

import resource

import pytest

import server as servers
from programs import Transcript

# A thousand sessions at once, here and in the server, which inherits it.
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)


@pytest.fixture(scope="session")
def server():
    # All clients come from one address; else the limits are those of a fresh server.
    running = servers.make(limits={"connections_per_address": 3000})
    try:
        yield running.start()
    finally:
        status = running.stop()
        running.remove()
        assert status == 0, f"the server's exit status after SIGTERM: {status}"


@pytest.fixture
def opened():
    """Clients put here are closed at the test's end, also when it fails."""
    clients = []
    yield clients
    for client in clients:
        client.close()


@pytest.fixture(autouse=True)
def transcripts():
    Transcript.everything.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for transcript in Transcript.everything:
            report.sections.append(("what a client sent and received", str(transcript)))
        running = item.funcargs.get("server")
        if running is not None and running.log.exists():
            lines = running.log.read_text(errors="replace").splitlines()[-40:]
            report.sections.append(("the server's log", "\n".join(lines)))
    return report


def pytest_unconfigure(config):
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    passed = len(reporter.stats.get("passed", []))
    failed = len(reporter.stats.get("failed", [])) + len(reporter.stats.get("error", []))
    skipped = len(reporter.stats.get("skipped", []))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
