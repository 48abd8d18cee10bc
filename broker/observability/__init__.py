"""What an operator sees besides the log: figures, health. Never a code, a key, a token or a session's contents.

metrics.py     Prometheus: counters that are counted, gauges that are read when somebody asks
alerts.py      what somebody should look at
endpoints.py   /healthz, /readyz, /metrics
"""
