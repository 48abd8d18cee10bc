"""`consentry desk …`: the audit service's people, at their own machines. Asks over HTTPS; opens nothing itself.

login.py      who is logged in, where, and which certificate that service shows
client.py     the service's API, as commands use it: session numbers that are cut short, answers with a known shape
commands.py   the commands
*_commands.py the journal, policies, tokens
asking.py     what they ask whoever types them
shown.py      answers as a person reads them
"""
