### The audit commands.
