"""Figures for Prometheus: counters that are counted, gauges that are read when somebody asks.

No label holds a name, a number or an address of a person: those who may read figures may not know people.
"""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector


class Metrics:
    """A registry of one broker's, so that two in one process count apart."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.pairings = self._counter("pairings", "Codes that ended, by outcome", ["outcome"])
        self.sessions_ended = self._counter("sessions_ended", "Sessions that ended, by reason", ["reason"])
        self.logins = self._counter("logins", "Attempts to log in, by result", ["result"])
        self.records_acked = self._counter("records_acked", "Sealed records made durable and acknowledged")
        self.record_bytes_acked = self._counter("record_bytes_acked", "Bytes of those records")
        self.alerts = self._counter("alerts", "Events that somebody should look at, by kind", ["kind"])
        self.ssh_gateway = self._counter("ssh_gateway", "What came to the SSH gateway, by outcome", ["outcome"])
        self.webhooks = self._counter("webhooks", "Messages to webhooks, by outcome of a try", ["outcome"])
        self.records_refused = self._counter("records_refused", "Records that did not verify or could not be kept")

    def gauge(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        Gauge(f"consentry_{name}", help_text, registry=self._registry).set_function(read)

    def count_of(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """A counter that somebody else keeps."""
        self._registry.register(_Reader(f"consentry_{name}", help_text, read))

    def text(self) -> bytes:
        """Prometheus' text format, version 0.0.4."""
        return generate_latest(self._registry)

    def _counter(self, name: str, help_text: str, labels: list[str] | None = None) -> Counter:
        return Counter(f"consentry_{name}", help_text, labels or [], registry=self._registry)


class _Reader(Collector):
    def __init__(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        self._name = name
        self._help = help_text
        self._read = read

    def collect(self) -> list[CounterMetricFamily]:
        return [CounterMetricFamily(self._name, self._help, value=self._read())]
