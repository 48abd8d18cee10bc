"""SFTP put over 80 ms: 40 ms each way between the engineer and everything else, against a direct sshd behind the same.

The rate is bounded by windows and not by the machine. Connecting takes some twenty round trips on either side, close to
two seconds: with 64 MiB that was half of our time and hid the rate (ratio 1.06), so the file is larger.
"""

import json
import os
import shutil
from urllib.parse import urlsplit

from bench.core.results import Goal, Result
from bench.core.rounds import in_turn
from bench.core.workbench import MIB, Workbench
from bench.deployment.people import Machine
from bench.deployment.slow_link import slow_link

ONE_WAY_MS = 40.0
PUT_MIB = 256


def measure(bench: Workbench) -> list[Result]:
    data = bench.folder / "wan.bin"
    data.write_bytes(os.urandom(PUT_MIB * MIB))
    arrived = bench.ours.customer.home / "wan-arrived.bin"
    batch = bench.folder / "wan-batch"
    batch.write_text(f"put {data} {arrived}\n")

    def put(machine: Machine) -> float:
        seconds = machine.run(machine.sftp(batch))
        arrived.unlink()
        return PUT_MIB / seconds

    with (
        slow_link(bench.ours.broker.port, delay_ms=ONE_WAY_MS) as to_broker,
        slow_link(bench.openssh.ports["target"], delay_ms=ONE_WAY_MS) as to_sshd,
    ):
        ours = _far_away(bench, to_broker)
        peer = Machine(("ssh", "-F", str(bench.openssh.write_config_through(to_sshd))), "direct")
        rates = in_turn(
            bench.rounds,
            {"ours": lambda: put(ours), "peer": lambda: put(peer)},
            warm_up=False,
            on_round=bench.round_done,
        )
    goal = Goal(">=", 2.0)
    return [Result.compared("sftp put over 80 ms", "MiB/s", rates["ours"], "sshd, 80 ms", rates["peer"], goal)]


def _far_away(bench: Workbench, port: int) -> Machine:
    """The paired session, as an engineer has it whose broker is behind the slow link."""
    paired = bench.ours.session_file(bench.ours.alias)
    session = json.loads(paired.read_text())
    session["broker_origin"] = urlsplit(session["broker_origin"])._replace(netloc=f"127.0.0.1:{port}").geturl()
    folder = bench.folder / "far-away"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    far = folder / "session.json"
    far.touch(mode=0o600)
    far.write_text(json.dumps(session))
    proxy = f"{bench.ours.program} ssh-proxy {far}"
    machine = bench.ours.machine
    return Machine((*machine.client, "-o", f"ProxyCommand={proxy}"), machine.host, machine.environment)
