### The customer's screens.
