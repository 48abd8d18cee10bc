"""What the tunnel logs in programs that have a log, and in those that have a person's shell on their terminal."""

import subprocess
import sys

import structlog
from structlog.testing import capture_logs

from tunnel.lazy_logger import LazyLogger


def test_a_program_without_a_log_keeps_its_terminal_clean() -> None:
    """A broker that is away for a moment is not told between the lines of somebody's shell; a mistake of ours is."""
    code = (
        "from tunnel.lazy_logger import LazyLogger\n"
        "log = LazyLogger('tunnel')\n"
        "log.info('leg_not_dialled', reason='away')\n"
        "log.warning('stream_refused')\n"
        "log.error('task_failed')\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "leg_not_dialled" not in told.stdout + told.stderr
    assert "stream_refused" not in told.stdout + told.stderr
    assert "task_failed" in told.stdout + told.stderr


def test_a_program_with_a_log_has_every_line_in_it() -> None:
    """Agent and broker say where their logs go before anything happens."""
    structlog.configure(**structlog.get_config())
    with capture_logs() as lines:
        LazyLogger("tunnel").info("leg_not_dialled", reason="away")
    assert [line["event"] for line in lines] == ["leg_not_dialled"]
