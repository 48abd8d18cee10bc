"""The SSH server of a session and the real OpenSSH in front of it: the bench of the agent's own tests, on its loop."""

from tests.agent_client.ssh.conftest import bench
from tests.helpers.agents_loop import pytest_asyncio_loop_factories

__all__ = ["bench", "pytest_asyncio_loop_factories"]
