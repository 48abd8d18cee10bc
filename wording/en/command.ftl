### The command line: help, examples, usage.
