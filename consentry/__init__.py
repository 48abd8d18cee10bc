"""The one command `consentry`. It knows every role by name and loads one only when it is asked for.

__main__.py         the way in; `ssh-proxy` turns off here, before anything slow is imported
cli.py              the list of commands, and which package brings each
lazy_command.py     a command that is listed without being loaded
kept_blocks.py      what a process that moves bulk tells the C library about memory
plain_values.py     takes the values of a command line without pydantic, where they are plain
help_texts.py       puts help and examples of the reader's language on a command that is asked for them
help_layout.py      draws that help: lines that break where Chinese may be broken, no word of Typer's own
completion.py       `--install-completion`
usage_errors.py     what is wrong with a command line, in the reader's language
failures.py         turns what went wrong into one sentence and an exit status
practice/           `consentry practice`: broker, practice customer and engineer on one machine
serve.py            `consentry serve`; own_witness.py: on one machine, the audit service vouches for the log
verify.py           `consentry verify`
"""
