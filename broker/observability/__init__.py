"""What an operator sees: logs, figures, health. Never a code, a key, a token or a session's contents.

logs.py        structlog: constant event names, facts as fields, one line per event
metrics.py     Prometheus: counters that are counted, gauges that are read when somebody asks
endpoints.py   /healthz, /readyz, /metrics
"""
