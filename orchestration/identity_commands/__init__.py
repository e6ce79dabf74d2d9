"""`braid identity …`: the commands that need the warehouse; each module adds its own by `register`."""
