"""All scenarios by their names."""

from simulation.house import Scenario
from simulation.recording import RecordingScenario
from simulation.whole import WholeScenario

SCENARIOS: dict[str, type[Scenario]] = {"recording": RecordingScenario, "whole": WholeScenario}
