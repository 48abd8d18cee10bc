"""Customers who ask for help and wait: the queue.

request.py     what a request is, whose turn it is, and the store that must exist
waiting_room.py  takes requests in, gives each to one engineer, and notices what becomes of it
figures.py     speed of answer, service level and abandonment, over requests
"""
