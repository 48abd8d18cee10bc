"""All scenarios by their names."""

from simulation.house import Scenario
from simulation.recording import RecordingScenario
from simulation.relaying import RelayingScenario
from simulation.whole import WholeScenario

SCENARIOS: dict[str, type[Scenario]] = {
    "recording": RecordingScenario,
    "relaying": RelayingScenario,
    "whole": WholeScenario,
}
