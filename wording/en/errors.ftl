# One entry per error class may stand here: `error-<class-name-in-kebab-case>`, with the class' fields as variables.
# English may be left out: then the class' own sentence is used.
