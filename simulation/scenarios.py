"""All scenarios by their names."""

from collections.abc import Callable

from simulation.house import House, Scenario
from simulation.recording import RecordingScenario

SCENARIOS: dict[str, Callable[[House], Scenario]] = {"recording": RecordingScenario}
