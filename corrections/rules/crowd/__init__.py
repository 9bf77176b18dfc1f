"""From many people's answers to one: who is reliable for what, which answer is right, and how sure that is. No I/O."""
