"""The whole SSH server of a session, and the real OpenSSH in front of it: the bench of the agent's own tests."""

from tests.agent_client.ssh.conftest import bench

__all__ = ["bench"]
