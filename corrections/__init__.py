"""The feedback plane: queues, tasks, corrections, escalations, consensus."""
