"""What the audit service's own errors are answered with; the rest is every server's, see serving/http/problems.py."""

from http import HTTPStatus

from audit.vault.library import SessionLostError
from serving.http.problems import Problems

PROBLEMS = Problems({SessionLostError: HTTPStatus.NOT_FOUND}, codes={})
