"""Learning and release: what was learned, whether it is better, who approved it, how far it is rolled out."""
