"""How dates and numbers are written, where a language needs it otherwise than Django has it."""
