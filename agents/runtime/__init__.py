"""The policy runtime: a sealed artifact and a case give a verdict. Pure: the same values give the same bytes."""
