"""Manners of an HTTP server of ours.

guards.py     small whole bodies, safe headers
problems.py   errors as problem documents (RFC 9457)
"""
